import { auditQueries, roomQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { DirectRoom } from "../../errors/domain-errors.ts";
import { OwnerMustPassOn } from "../../errors/moderation-errors.ts";
import { ringMember } from "../../live/ring-control.ts";
import type { RoomView } from "../../routers/room/schemas.ts";
import { requireRoom } from "./require-membership.ts";
import { toRoomView } from "./room-view.ts";

interface LeaveRoomInput {
  readonly roomId: string;
  readonly userId: string;
}

/**
 * Ends the caller's membership; doing it again changes nothing. Answers the room as he sees it from outside. An owner
 * passes the room on first; one who is alone in it leaves it archived.
 *
 * @throws {RoomNotFound} {DirectRoom} {OwnerMustPassOn}
 */
export async function leaveRoom(
  deps: Pick<AppDeps, "db" | "now" | "doorbells" | "log">,
  input: LeaveRoomInput,
): Promise<RoomView> {
  const { roomId, userId } = input;
  const nowMs = deps.now();
  const room = await deps.db.write((tx) => {
    const before = requireRoom(tx, { id: roomId }, userId);
    if (before.partner !== null) {
      throw new DirectRoom();
    }
    const isOwner = before.memberRole === "owner";
    if (isOwner && before.memberCount > 1) {
      throw new OwnerMustPassOn();
    }
    const isLast = isOwner && before.archivedAtMs === null;
    if (isLast) {
      roomQueries.update(tx, roomId, { archivedAtMs: nowMs, nowMs });
      const subject = { subjectKind: "room", subjectId: roomId, roomId };
      auditQueries.insert(tx, { actorId: userId, action: "room.archive", ...subject, nowMs });
    }
    const hasLeft = roomQueries.leave(tx, input);
    return {
      ...before,
      isMember: false,
      memberRole: null,
      unread: 0,
      memberCount: before.memberCount - (hasLeft ? 1 : 0),
      archivedAtMs: isLast ? nowMs : before.archivedAtMs,
    };
  });
  ringMember(deps, roomId, userId);
  return toRoomView(room, nowMs);
}
