import { roomQueries, userQueries, type WriteTransaction } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { DirectRoom, NotYourRoom, UserNotFound } from "../../errors/domain-errors.ts";
import type { RoomView } from "../../routers/room/schemas.ts";
import { ringInbox, writeInbox } from "../inbox/tell-member.ts";
import { requireMembership, requireRoom } from "./require-membership.ts";
import { requireModeration } from "./require-moderation.ts";
import { toRoomView } from "./room-view.ts";

type RoomDeps = Pick<AppDeps, "db" | "now" | "doorbells" | "log">;

interface OnRoom {
  readonly actorId: string;
  readonly roomId: string;
}

interface OnMember extends OnRoom {
  readonly userId: string;
}

/**
 * What a room is called and about, for those who look after it.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom}
 */
export function updateRoom(
  deps: RoomDeps,
  { actorId, roomId, ...changes }: OnRoom & { readonly name?: string | undefined; readonly topic?: string | undefined },
): Promise<RoomView> {
  return change(deps, { actorId, roomId }, (tx, nowMs) => {
    requireModeration(tx, roomId, actorId);
    roomQueries.update(tx, roomId, { ...changes, nowMs });
  });
}

/**
 * Brings a member into a room: into a public one by any member, into a private one by those who look after it. Doing
 * it again changes nothing.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom} {UserNotFound}
 */
export async function inviteToRoom(deps: RoomDeps, { actorId, roomId, userId }: OnMember): Promise<RoomView> {
  const changed = await change(deps, { actorId, roomId }, (tx, nowMs) => {
    const room = requireMembership(tx, roomId, actorId);
    if (room.partner !== null) {
      throw new DirectRoom();
    }
    if (room.visibility === "private") {
      requireModeration(tx, roomId, actorId);
    }
    if (userQueries.findById(tx, userId) === undefined) {
      throw new UserNotFound();
    }
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
 * Puts a member out; his streams of the room end within seconds. Nobody puts the owner out, and moderators only
 * plain members. Doing it again changes nothing.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom}
 */
export async function removeFromRoom(deps: RoomDeps, { actorId, roomId, userId }: OnMember): Promise<RoomView> {
  const changed = await change(deps, { actorId, roomId }, (tx) => {
    const { memberRole } = requireModeration(tx, roomId, actorId);
    const role = roomQueries.findRole(tx, roomId, userId);
    if (role === "owner" || (role === "moderator" && memberRole === "moderator")) {
      throw new NotYourRoom();
    }
    roomQueries.leave(tx, { roomId, userId });
  });
  ringInbox(deps, [userId], "rooms");
  return changed;
}

/**
 * Makes a member a moderator, or takes that back; for the owner alone.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom} {UserNotFound}
 */
export function setRoomRole(
  deps: RoomDeps,
  { actorId, roomId, userId, role }: OnMember & { readonly role: "moderator" | "member" },
): Promise<RoomView> {
  return change(deps, { actorId, roomId }, (tx) => {
    const { memberRole } = requireModeration(tx, roomId, actorId);
    if (memberRole !== "owner" || userId === actorId) {
      throw new NotYourRoom();
    }
    if (!roomQueries.setRole(tx, { roomId, userId, role })) {
      throw new UserNotFound();
    }
  });
}

async function change(
  deps: RoomDeps,
  { actorId, roomId }: OnRoom,
  work: (tx: WriteTransaction, nowMs: number) => void,
): Promise<RoomView> {
  const nowMs = deps.now();
  const room = await deps.db.write((tx) => {
    work(tx, nowMs);
    return requireRoom(tx, { id: roomId }, actorId);
  });
  return toRoomView(room);
}
