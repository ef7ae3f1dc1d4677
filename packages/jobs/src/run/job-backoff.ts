import type { JobOptions } from "../define-job.ts";

/**
 * Milliseconds to wait after failed run number `failures` (1 is the first): full jitter over an exponential, so that
 * jobs that failed together do not come back together. `random` is in [0, 1).
 */
export function jobBackoffMs(
  backoff: JobOptions["backoff"],
  failures: number,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(backoff.maxMs, backoff.minMs * 2 ** Math.max(failures, 1));
  return Math.round(backoff.minMs + random() * Math.max(ceiling - backoff.minMs, 0));
}
