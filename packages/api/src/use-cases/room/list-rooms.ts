import { roomQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { RoomView } from "../../routers/room/schemas.ts";
import { toRoomView } from "./room-view.ts";

/** Every room this member may see, by name, with what he has not read: those in use, or the archived ones. */
export async function listRooms(
  deps: Pick<AppDeps, "db" | "now">,
  userId: string,
  options: { readonly archived?: boolean } = {},
): Promise<RoomView[]> {
  const rooms = await deps.db.read((tx) => roomQueries.listForUser(tx, userId, options));
  const nowMs = deps.now();
  return rooms.map((room) => toRoomView(room, nowMs));
}
