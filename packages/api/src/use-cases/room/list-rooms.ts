import { roomQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { RoomView } from "../../routers/room/schemas.ts";
import { toRoomView } from "./room-view.ts";

/** Every room this member may see, by name, with what he has not read. */
export async function listRooms(deps: Pick<AppDeps, "db">, userId: string): Promise<RoomView[]> {
  const rooms = await deps.db.read((tx) => roomQueries.listForUser(tx, userId));
  return rooms.map(toRoomView);
}
