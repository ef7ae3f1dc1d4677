import { messageQueries, type ReadTransaction, type RoomForUser } from "@cardinal/db";
import { SlowMode } from "../../errors/moderation-errors.ts";
import { looksAfter } from "../room/require-moderation.ts";

/**
 * Slow mode: between two messages of a plain member lie at least so many seconds, whichever processes took them and
 * whether or not he left or deleted in between. The database knows his last one, so this is exact without Redis.
 *
 * @throws {SlowMode}
 */
export function refuseHasty(tx: ReadTransaction, room: RoomForUser, userId: string, nowMs: number): void {
  if (room.slowModeSec === 0) {
    return;
  }
  const pauseMs = room.slowModeSec * 1_000;
  const lastMs = messageQueries.lastSentAtMs(tx, room.id, userId);
  // A clock that was set back makes nobody wait longer than the pause.
  const waitMs = lastMs === undefined ? 0 : Math.min(pauseMs, lastMs + pauseMs - nowMs);
  if (waitMs > 0 && !looksAfter(tx, room, userId)) {
    throw new SlowMode(waitMs, nowMs);
  }
}
