import { type ReadTransaction, type RoomForUser, userQueries } from "@cardinal/db";
import { DirectRoom, NotYourRoom } from "../../errors/domain-errors.ts";
import { requireMembership } from "./require-membership.ts";

export function isAdmin(tx: ReadTransaction, userId: string): boolean {
  return userQueries.findById(tx, userId)?.role === "admin";
}

/** Whether a member looks after a room he is in: its owner, its moderators, and admins. */
export function looksAfter(tx: ReadTransaction, room: RoomForUser, userId: string): boolean {
  return room.memberRole === "owner" || room.memberRole === "moderator" || isAdmin(tx, userId);
}

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
  if (!looksAfter(tx, room, userId)) {
    throw new NotYourRoom();
  }
  return room;
}

/**
 * A room of many, for its owner, and for admins who are in it: an owner may be gone.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom}
 */
export function requireOwnership(tx: ReadTransaction, roomId: string, userId: string): RoomForUser {
  const room = requireModeration(tx, roomId, userId);
  if (room.memberRole !== "owner" && !isAdmin(tx, userId)) {
    throw new NotYourRoom();
  }
  return room;
}
