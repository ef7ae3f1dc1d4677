import type { RoomView as Room } from "@cardinal/api/schemas";
import { api } from "../../lib/api-client.ts";

/** Shows a room as the server has answered that it stands, here and in the lists. */
export async function showRoom(room: Room): Promise<void> {
  api.room.get.setData({ slug: room.slug }, room);
  await api.room.list.invalidate();
}
