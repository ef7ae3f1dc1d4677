import type { MessageRow } from "../schema/message.ts";
import type { UserRow } from "../schema/user.ts";

export type MessageAuthor = Pick<UserRow, "id" | "username" | "displayName" | "avatarHue">;

/** A message with who wrote it. */
export type MessageWithAuthor = Omit<MessageRow, "authorId"> & { author: MessageAuthor };

/** Columns of a message `m` and its author `u`, to be read by `toMessage`. */
export const MESSAGE_COLUMNS = `
  m.id, m.room_id AS roomId, m.number, m.seq, m.last_seq AS lastSeq, m.body, m.reply_to_id AS replyToId,
  m.client_message_id AS clientMessageId, m.created_at AS createdAtMs, m.edited_at AS editedAtMs,
  m.deleted_at AS deletedAtMs, u.id AS authorId, u.username, u.display_name AS displayName,
  u.avatar_hue AS avatarHue`;

export type MessageColumns = MessageRow & Omit<MessageAuthor, "id">;

export function toMessage(row: MessageColumns): MessageWithAuthor {
  return {
    id: row.id,
    roomId: row.roomId,
    number: row.number,
    seq: row.seq,
    lastSeq: row.lastSeq,
    author: {
      id: row.authorId,
      username: row.username,
      displayName: row.displayName,
      avatarHue: row.avatarHue,
    },
    body: row.body,
    replyToId: row.replyToId,
    clientMessageId: row.clientMessageId,
    createdAtMs: row.createdAtMs,
    editedAtMs: row.editedAtMs,
    deletedAtMs: row.deletedAtMs,
  };
}
