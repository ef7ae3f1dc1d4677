import type { PresenceStore, SweptRoom } from "./presence-store.ts";

const roomsPerStep = 64;

export interface SweepHandlers {
  onSwept(room: string, swept: SweptRoom): Promise<void>;
  /** Somebody of the room is within a grace that the dead incarnation began; the sweeper ends it. */
  adoptGrace(room: string, graceMs: number): Promise<void>;
}

/**
 * Takes the connections of a dead incarnation from all of its rooms. Any number of processes may try, and
 * one that dies half-way is followed by another: the claim expires and every step is idempotent, so each
 * leave is told exactly once.
 */
export async function sweepIncarnation(
  store: PresenceStore,
  dead: string,
  sweeper: string,
  { onSwept, adoptGrace }: SweepHandlers,
): Promise<void> {
  for (;;) {
    const [outcome, ...found] = await store.claim(dead, sweeper);
    if (outcome === "alive") {
      // Its own note of the lease is on the way.
      await store.noteLease(dead, found[0] ?? "0");
      return;
    }
    if (outcome !== "claimed") {
      return;
    }
    const rooms = found.slice(0, roomsPerStep);
    if (rooms.length === 0) {
      await store.forget(dead);
      return;
    }
    await Promise.all(
      rooms.map(async (room) => {
        const swept = await store.sweepRoom(room, dead, 0);
        if (swept.nextGraceMs !== null) {
          await adoptGrace(room, swept.nextGraceMs);
        }
        await onSwept(room, swept);
      }),
    );
    await store.unregister(dead, rooms);
  }
}
