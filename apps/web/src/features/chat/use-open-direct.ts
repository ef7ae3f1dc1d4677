import type { RoomView as Room } from "@cardinal/api/schemas";
import { api } from "../../lib/api-client.ts";
import { trpc } from "../../lib/trpc.ts";

/** The conversation with another member, made if there was none. */
export function useOpenDirect(onOpened: (room: Room) => void) {
  return trpc.room.openDirect.useMutation({
    onSuccess: async (room) => {
      api.room.get.setData({ slug: room.slug }, room);
      await api.room.list.invalidate();
      onOpened(room);
    },
  });
}
