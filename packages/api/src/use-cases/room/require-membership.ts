import { type ReadTransaction, type RoomForUser, roomQueries } from "@cardinal/db";
import { NotAMember, RoomNotFound } from "../../errors/domain-errors.ts";

/**
 * The room as this member sees it.
 *
 * @throws {RoomNotFound} also for a private room he is not in.
 */
export function requireRoom(
  tx: ReadTransaction,
  which: { slug: string } | { id: string },
  userId: string,
): RoomForUser {
  const room = roomQueries.findForUser(tx, which, userId);
  if (room === undefined) {
    throw new RoomNotFound();
  }
  return room;
}

/**
 * As `requireRoom`, for what only members of the room may do.
 *
 * @throws {NotAMember}
 */
export function requireMembership(tx: ReadTransaction, roomId: string, userId: string): RoomForUser {
  const room = requireRoom(tx, { id: roomId }, userId);
  if (!room.isMember) {
    throw new NotAMember();
  }
  return room;
}
