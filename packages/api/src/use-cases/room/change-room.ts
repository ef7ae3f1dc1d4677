import { auditQueries, type RoomChanges, roomQueries, userQueries } from "@cardinal/db";
import { DirectRoom, NotYourRoom, UserNotFound } from "../../errors/domain-errors.ts";
import { ringMember, ringRoomChange } from "../../live/ring-control.ts";
import type { RoomView } from "../../routers/room/schemas.ts";
import { ringInbox, writeInbox } from "../inbox/tell-member.ts";
import { refuseBanned } from "../moderation/refuse-banned.ts";
import { requireRank } from "../moderation/require-rank.ts";
import { changeRoom, type OnRoom, type RoomDeps } from "./in-room.ts";
import { requireMembership } from "./require-membership.ts";
import { requireModeration, requireOwnership } from "./require-moderation.ts";
import { refuseArchived } from "./require-voice.ts";


interface OnMember extends OnRoom {
  readonly userId: string;
}

/**
 * What a room is called and about, and how fast it goes, for those who look after it; who sees it, for its owner. Open
 * pages of the room show it at once.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom} {RoomArchived}
 */
export async function updateRoom(
  deps: RoomDeps,
  { actorId, roomId, ...changes }: OnRoom & Omit<RoomChanges, "archivedAtMs">,
): Promise<RoomView> {
  const changed = await changeRoom(deps, { actorId, roomId }, (tx, nowMs) => {
    const require = changes.visibility === undefined ? requireModeration : requireOwnership;
    refuseArchived(require(tx, roomId, actorId));
    roomQueries.update(tx, roomId, { ...changes, nowMs });
  });
  ringRoomChange(deps, roomId);
  return changed;
}

/**
 * Brings a member into a room: into a public one by any member, into a private one by those who look after it. Doing
 * it again changes nothing.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom} {UserNotFound} {RoomArchived}
 * @throws {Banned} for who may not come into the room.
 */
export async function inviteToRoom(deps: RoomDeps, { actorId, roomId, userId }: OnMember): Promise<RoomView> {
  const changed = await changeRoom(deps, { actorId, roomId }, (tx, nowMs) => {
    const room = requireMembership(tx, roomId, actorId);
    if (room.partner !== null) {
      throw new DirectRoom();
    }
    if (room.visibility === "private") {
      requireModeration(tx, roomId, actorId);
    }
    refuseArchived(room);
    if (userQueries.findById(tx, userId) === undefined) {
      throw new UserNotFound();
    }
    refuseBanned(tx, { userId, roomId }, nowMs);
    if (roomQueries.join(tx, { roomId, userId, nowMs })) {
      const actor = userQueries.findById(tx, actorId)?.displayName ?? "";
      const about = { actor, room: { slug: room.slug, name: room.name }, message: null };
      writeInbox(tx, { userId, kind: "invite", ...about }, nowMs);
    }
  });
  ringInbox(deps, [userId], "rooms");
  return changed;
}

/**
 * Puts a member out; his streams of the room end at once, on every process. Into a public room he may come back. Nobody
 * puts out somebody of his own rank or above. Doing it again changes nothing.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom} {Outranked}
 */
export async function removeFromRoom(deps: RoomDeps, { actorId, roomId, userId }: OnMember): Promise<RoomView> {
  const changed = await changeRoom(deps, { actorId, roomId }, (tx, nowMs) => {
    requireModeration(tx, roomId, actorId);
    requireRank(tx, { roomId, actorId, userId });
    if (roomQueries.leave(tx, { roomId, userId })) {
      const subject = { subjectKind: "user", subjectId: userId, roomId };
      auditQueries.insert(tx, { actorId, action: "room.kick", ...subject, nowMs });
    }
  });
  ringMember(deps, roomId, userId);
  return changed;
}

/**
 * Makes a member a moderator, or takes that back; for the owner alone.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom} {UserNotFound}
 */
export async function setRoomRole(
  deps: RoomDeps,
  { actorId, roomId, userId, role }: OnMember & { readonly role: "moderator" | "member" },
): Promise<RoomView> {
  const changed = await changeRoom(deps, { actorId, roomId }, (tx, nowMs) => {
    const { memberRole } = requireModeration(tx, roomId, actorId);
    if (memberRole !== "owner" || userId === actorId) {
      throw new NotYourRoom();
    }
    const before = roomQueries.findRole(tx, roomId, userId);
    if (before === undefined) {
      throw new UserNotFound();
    }
    if (before !== role) {
      roomQueries.setRole(tx, { roomId, userId, role });
      const subject = { subjectKind: "user", subjectId: userId, roomId };
      const action = role === "moderator" ? "room.make-moderator" : "room.make-member";
      auditQueries.insert(tx, { actorId, action, ...subject, nowMs });
    }
  });
  ringMember(deps, roomId, userId);
  return changed;
}
