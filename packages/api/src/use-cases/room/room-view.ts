import type { RoomForUser, RoomSanction } from "@cardinal/db";
import type { RoomView, Sanction } from "../../routers/room/schemas.ts";

/** A room as one member sees it at an instant. */
export function toRoomView(room: RoomForUser, nowMs: number): RoomView {
  return {
    id: room.id,
    slug: room.slug,
    name: nameOf(room),
    topic: room.topic,
    isMember: room.isMember,
    visibility: room.visibility,
    partner: room.partner,
    role: room.memberRole,
    headSeq: room.headSeq,
    headMessageNumber: room.headMessageNumber,
    unread: room.unread,
    memberCount: room.memberCount,
    slowModeSec: room.slowModeSec,
    archivedAtMs: room.archivedAtMs,
    mute: standingAt(room.mute, nowMs),
    ban: standingAt(room.ban, nowMs),
  };
}

/** What a member calls a room: of two, the other one's name. */
export function nameOf(room: RoomForUser): string {
  return room.partner?.displayName ?? room.name;
}

/** A measure, if it still stands. */
export function standingAt(sanction: RoomSanction | null, nowMs: number): Sanction | null {
  if (sanction === null || (sanction.expiresAtMs !== null && sanction.expiresAtMs <= nowMs)) {
    return null;
  }
  return { untilMs: sanction.expiresAtMs, why: sanction.reason };
}
