import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseBusy, isBusy } from "./errors.ts";

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 40;

export interface BusyRetry {
  /** `performance.now()` after which to give up, asked again before every pause. */
  deadlineMs: () => number;
  onBusy?: (attempt: number) => void;
}

/**
 * Runs `attempt` until another connection no longer stands in its way, pausing between tries without holding
 * the event loop. Pauses double up to 40 ms and are jittered, so that waiting processes do not move in step.
 * Past the deadline it throws `DatabaseBusy`.
 */
export async function retryWhileBusy<T>(attempt: () => T, retry: BusyRetry): Promise<T> {
  const startedMs = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      const nowMs = performance.now();
      if (nowMs >= retry.deadlineMs()) {
        throw new DatabaseBusy(Math.round(nowMs - startedMs), { cause: error });
      }
      retry.onBusy?.(tries);
      const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
      await sleep(Math.max(1, Math.random() * longest));
    }
  }
}
