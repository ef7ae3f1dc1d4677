import type { RoomForUser } from "@cardinal/db";
import type { RoomView } from "../../routers/room/schemas.ts";

/** A room as one member sees it. */
export function toRoomView(room: RoomForUser): RoomView {
  return {
    id: room.id,
    slug: room.slug,
    name: room.partner?.displayName ?? room.name,
    topic: room.topic,
    isMember: room.isMember,
    visibility: room.visibility,
    partner: room.partner,
    role: room.memberRole,
    headSeq: room.headSeq,
    headMessageNumber: room.headMessageNumber,
    unread: room.unread,
    memberCount: room.memberCount,
  };
}
