import { setTimeout as sleep } from "node:timers/promises";

const batchSize = 500;
/** Longer than a process that waits for the write lock pauses between two tries, so that each gets its turn. */
const giveWayMs = 50;

/**
 * Calls `trim(limit)` until it takes fewer rows than it may, and returns how many went. Each batch is a transaction of
 * its own with a pause after it, so that requests, of other processes too, write in between. Stops at the signal.
 */
export async function trimInBatches(
  signal: AbortSignal,
  trim: (limit: number) => Promise<number>,
): Promise<number> {
  let total = 0;
  for (;;) {
    signal.throwIfAborted();
    const rows = await trim(batchSize);
    total += rows;
    if (rows < batchSize) return total;
    await sleep(giveWayMs, undefined, { signal });
  }
}
