import type { WriteTransaction } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { RoomView } from "../../routers/room/schemas.ts";
import { requireRoom } from "./require-membership.ts";
import { toRoomView } from "./room-view.ts";

export type RoomDeps = Pick<AppDeps, "db" | "now" | "doorbells" | "log">;

export interface OnRoom {
  readonly actorId: string;
  readonly roomId: string;
}

/** One change of a room in one transaction; answers the room as the actor sees it afterwards. */
export async function changeRoom(
  deps: Pick<RoomDeps, "db" | "now">,
  { actorId, roomId }: OnRoom,
  work: (tx: WriteTransaction, nowMs: number) => void,
): Promise<RoomView> {
  const nowMs = deps.now();
  const room = await deps.db.write((tx) => {
    work(tx, nowMs);
    return requireRoom(tx, { id: roomId }, actorId);
  });
  return toRoomView(room, nowMs);
}
