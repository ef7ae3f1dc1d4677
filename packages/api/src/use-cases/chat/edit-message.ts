import { messageQueries } from "@cardinal/db";
import { NotYourMessage } from "../../errors/domain-errors.ts";
import type { Message } from "../../routers/chat/schemas.ts";
import { refuseSilenced } from "../room/require-voice.ts";
import { changeMessage, type ChangeMessageDeps } from "./change-message.ts";
import { requireMessage } from "./require-message.ts";

interface EditMessageInput {
  readonly actorId: string;
  readonly messageId: string;
  /** Checked and trimmed by the schema. */
  readonly body: string;
}

/**
 * Replaces the text of one's own message. The same text again changes nothing, so that a repeated call leaves
 * one event.
 *
 * @throws {MessageNotFound} {NotYourMessage} {RoomArchived} {Muted}
 */
export async function editMessage(deps: ChangeMessageDeps, input: EditMessageInput): Promise<Message> {
  return changeMessage(deps, "edit", (tx, nowMs) => {
    const { message, room } = requireMessage(tx, input.messageId, input.actorId);
    if (message.author.id !== input.actorId) {
      throw new NotYourMessage();
    }
    refuseSilenced(room, nowMs);
    return message.body === input.body ? { message, seq: null } : messageQueries.edit(tx, { ...input, nowMs });
  });
}
