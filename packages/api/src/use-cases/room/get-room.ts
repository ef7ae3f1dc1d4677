import type { AppDeps } from "../../deps/app-deps.ts";
import type { RoomView } from "../../routers/room/schemas.ts";
import { requireRoom } from "./require-membership.ts";
import { toRoomView } from "./room-view.ts";

/** @throws {RoomNotFound} */
export async function getRoom(
  deps: Pick<AppDeps, "db" | "now">,
  input: { slug: string; userId: string },
): Promise<RoomView> {
  const room = await deps.db.read((tx) => requireRoom(tx, { slug: input.slug }, input.userId));
  return toRoomView(room, deps.now());
}
