import { auditQueries, messageQueries } from "@cardinal/db";
import { NotYourMessage } from "../../errors/domain-errors.ts";
import type { Message } from "../../routers/chat/schemas.ts";
import { looksAfter } from "../room/require-moderation.ts";
import { refuseArchived } from "../room/require-voice.ts";
import { changeMessage, type ChangeMessageDeps } from "./change-message.ts";
import { requireMessage } from "./require-message.ts";

interface RemoveMessageInput {
  readonly actorId: string;
  readonly messageId: string;
}

/**
 * Takes a message's text, reactions, mentions and pin away; its place stays. For its author (but not in an archived
 * room), those who moderate the room, and admins. Removing it again changes nothing.
 *
 * @throws {MessageNotFound} {NotYourMessage} {RoomArchived}
 */
export async function removeMessage(deps: ChangeMessageDeps, input: RemoveMessageInput): Promise<Message> {
  const { actorId, messageId } = input;
  return changeMessage(deps, "delete", (tx, nowMs) => {
    const { message, room } = requireMessage(tx, messageId, actorId, { orDeleted: true });
    if (!looksAfter(tx, room, actorId)) {
      if (message.author.id !== actorId) {
        throw new NotYourMessage();
      }
      refuseArchived(room);
    }
    const removed = messageQueries.remove(tx, { ...input, nowMs });
    if (removed !== undefined && message.author.id !== actorId) {
      auditQueries.insert(tx, {
        actorId,
        action: "message.remove",
        subjectKind: "user",
        subjectId: message.author.id,
        roomId: room.id,
        details: { messageId },
        nowMs,
      });
    }
    return removed ?? { message, seq: null };
  });
}
