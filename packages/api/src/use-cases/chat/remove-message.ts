import { messageQueries, userQueries } from "@cardinal/db";
import { NotYourMessage } from "../../errors/domain-errors.ts";
import type { Message } from "../../routers/chat/schemas.ts";
import { changeMessage, type ChangeMessageDeps } from "./change-message.ts";
import { requireMessage } from "./require-message.ts";

interface RemoveMessageInput {
  readonly actorId: string;
  readonly messageId: string;
}

/**
 * Takes a message's text, reactions and mentions away; its place stays. For its author, those who moderate the
 * room, and admins. Removing it again changes nothing.
 *
 * @throws {MessageNotFound} {NotYourMessage}
 */
export async function removeMessage(deps: ChangeMessageDeps, input: RemoveMessageInput): Promise<Message> {
  return changeMessage(deps, "delete", (tx, nowMs) => {
    const { message, room } = requireMessage(tx, input.messageId, input.actorId, { orDeleted: true });
    const isModerator = room.memberRole === "owner" || room.memberRole === "moderator";
    const isAdmin = () => userQueries.findById(tx, input.actorId)?.role === "admin";
    if (message.author.id !== input.actorId && !isModerator && !isAdmin()) {
      throw new NotYourMessage();
    }
    return messageQueries.remove(tx, { ...input, nowMs }) ?? { message, seq: null };
  });
}
