import { roomQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { DirectRoom } from "../../errors/domain-errors.ts";
import type { RoomView } from "../../routers/room/schemas.ts";
import { requireRoom } from "./require-membership.ts";
import { toRoomView } from "./room-view.ts";

interface LeaveRoomInput {
  readonly roomId: string;
  readonly userId: string;
}

/**
 * Ends the caller's membership; doing it again changes nothing. Answers the room as he sees it from outside.
 *
 * @throws {RoomNotFound} {DirectRoom}
 */
export async function leaveRoom(deps: Pick<AppDeps, "db">, input: LeaveRoomInput): Promise<RoomView> {
  const room = await deps.db.write((tx) => {
    const before = requireRoom(tx, { id: input.roomId }, input.userId);
    if (before.partner !== null) {
      throw new DirectRoom();
    }
    const hasLeft = roomQueries.leave(tx, input);
    return {
      ...before,
      isMember: false,
      memberRole: null,
      unread: 0,
      memberCount: before.memberCount - (hasLeft ? 1 : 0),
    };
  });
  return toRoomView(room);
}
