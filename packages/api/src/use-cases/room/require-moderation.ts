import { type ReadTransaction, type RoomForUser, userQueries } from "@cardinal/db";
import { DirectRoom, NotYourRoom } from "../../errors/domain-errors.ts";
import { requireMembership } from "./require-membership.ts";

/**
 * A room of many, for those who look after it: its owner, its moderators, and admins who are in it.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom}
 */
export function requireModeration(tx: ReadTransaction, roomId: string, userId: string): RoomForUser {
  const room = requireMembership(tx, roomId, userId);
  if (room.partner !== null) {
    throw new DirectRoom();
  }
  const looksAfter = room.memberRole === "owner" || room.memberRole === "moderator";
  if (!looksAfter && userQueries.findById(tx, userId)?.role !== "admin") {
    throw new NotYourRoom();
  }
  return room;
}
