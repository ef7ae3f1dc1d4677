const batchSize = 500;

/**
 * Calls `trim(limit)` until it takes fewer rows than it may, and returns how many went. Each batch is a transaction of
 * its own, so that requests write in between. Stops at the signal.
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
  }
}
