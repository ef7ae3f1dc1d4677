import { messageQueries, type MessageWithAuthor, type ReadTransaction, type RoomForUser } from "@cardinal/db";
import { MessageNotFound, NotAMember, RoomNotFound } from "../../errors/domain-errors.ts";
import { requireMembership } from "../room/require-membership.ts";

/**
 * A message that stands (or, with `orDeleted`, stood) and its room, for a member of that room. Who is none learns
 * nothing of it.
 *
 * @throws {MessageNotFound}
 */
export function requireMessage(
  tx: ReadTransaction,
  messageId: string,
  userId: string,
  { orDeleted = false } = {},
): { message: MessageWithAuthor; room: RoomForUser } {
  const message = messageQueries.findById(tx, messageId);
  if (message === undefined || (message.deletedAtMs !== null && !orDeleted)) {
    throw new MessageNotFound();
  }
  try {
    return { message, room: requireMembership(tx, message.roomId, userId) };
  } catch (error) {
    if (error instanceof RoomNotFound || error instanceof NotAMember) {
      throw new MessageNotFound();
    }
    throw error;
  }
}
