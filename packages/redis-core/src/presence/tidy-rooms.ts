import type { LocalRooms } from "./local-rooms.ts";
import type { PresenceStore } from "./presence-store.ts";
import type { UserNotes } from "./user-notes.ts";

/** Four to the life of a room's keys. */
const touchRoomEveryMs = 15 * 60_000;
/** Four to the life of a user's. */
const noteUsersEveryMs = 6 * 3_600_000;

interface TidyOptions {
  readonly incarnation: string;
  readonly nowMs: number;
  /** Rooms in which something is still to be done. */
  readonly busy: ReadonlySet<string>;
}

/** Drops rooms in which nothing is left to do, and renews the TTLs of those in which nothing changes. */
export async function tidyRooms(
  store: PresenceStore,
  rooms: LocalRooms,
  notes: UserNotes,
  { incarnation, nowMs, busy }: TidyOptions,
): Promise<void> {
  const gone = rooms.prune(busy);
  if (gone.length > 0) {
    await store.unregister(incarnation, gone);
  }
  for (const room of rooms.all()) {
    if (nowMs - room.touchedAtMs > touchRoomEveryMs) {
      room.touchedAtMs = nowMs;
      await store.touchRoom(room.name);
    }
    if (nowMs - room.notedAtMs > noteUsersEveryMs) {
      room.notedAtMs = nowMs;
      const userIds = new Set([...room.connections.values()].map(({ userId }) => userId));
      const known = { room: room.name, version: "0", hasJoined: true };
      await notes.note([...userIds].map((userId) => ({ ...known, userId })));
    }
  }
}
