import type { MessageWithAuthor } from "@cardinal/db";
import type { Message } from "../../routers/chat/schemas.ts";

/** A message as members see it. */
export function toMessageView(row: MessageWithAuthor): Message {
  return {
    id: row.id,
    roomId: row.roomId,
    number: row.number,
    seq: row.lastSeq,
    author: row.author,
    body: row.body,
    createdAtMs: row.createdAtMs,
    editedAtMs: row.editedAtMs,
    deletedAtMs: row.deletedAtMs,
    clientMessageId: row.clientMessageId,
    replyTo: row.replyTo,
    reactions: row.reactions,
    pinnedAtMs: row.pinnedAtMs,
    pinnedBy: row.pinnedBy,
  };
}
