import type { ReadTransaction, RoomForUser } from "@cardinal/db";
import { Muted, RoomArchived } from "../../errors/moderation-errors.ts";
import { requireMembership } from "./require-membership.ts";
import { standingAt } from "./room-view.ts";

/** @throws {RoomArchived} for a room that is read only. */
export function refuseArchived(room: RoomForUser): void {
  if (room.archivedAtMs !== null) {
    throw new RoomArchived();
  }
}

/** Whether a member may write now, in a room he is in. @throws {RoomArchived} {Muted} */
export function refuseSilenced(room: RoomForUser, nowMs: number): void {
  refuseArchived(room);
  const mute = standingAt(room.mute, nowMs);
  if (mute !== null) {
    throw new Muted(mute);
  }
}

/**
 * The room, for a member who may write in it now. Asked inside the transaction that writes.
 *
 * @throws {RoomNotFound} {NotAMember} {RoomArchived} {Muted}
 */
export function requireVoice(tx: ReadTransaction, roomId: string, userId: string, nowMs: number): RoomForUser {
  const room = requireMembership(tx, roomId, userId);
  refuseSilenced(room, nowMs);
  return room;
}
