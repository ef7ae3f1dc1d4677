import { trpc } from "../../lib/trpc.ts";

const REFRESH_MS = 15_000;

/** All rooms. Asked again every 15 s, since only the open room is followed live. */
export function useRooms() {
  return trpc.room.list.useQuery(undefined, { refetchInterval: REFRESH_MS, staleTime: 5_000 });
}
