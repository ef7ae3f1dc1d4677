import { roomQueries } from "@cardinal/db";
import type { RoomView } from "../../routers/room/schemas.ts";
import { ringInbox } from "../inbox/tell-member.ts";
import { refuseBanned } from "../moderation/refuse-banned.ts";
import type { RoomDeps } from "./in-room.ts";
import { requireRoom } from "./require-membership.ts";
import { toRoomView } from "./room-view.ts";

interface JoinRoomInput {
  readonly roomId: string;
  readonly userId: string;
}

/**
 * Makes the caller a member; doing it again changes nothing.
 *
 * @throws {RoomNotFound} also for a private room: those are joined by invitation only.
 * @throws {Banned}
 */
export async function joinRoom(deps: RoomDeps, input: JoinRoomInput): Promise<RoomView> {
  const room = await deps.db.write((tx) => {
    requireRoom(tx, { id: input.roomId }, input.userId);
    refuseBanned(tx, input, deps.now());
    roomQueries.join(tx, { ...input, nowMs: deps.now() });
    return requireRoom(tx, { id: input.roomId }, input.userId);
  });
  ringInbox(deps, [input.userId], "rooms");
  return toRoomView(room, deps.now());
}
