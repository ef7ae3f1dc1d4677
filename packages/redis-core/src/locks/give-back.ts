import type { CoreContext } from "../context.ts";
import { isOutage } from "../errors.ts";
import { later } from "./later.ts";
import type { LeaseStore } from "./lease-store.ts";

const firstPauseMs = 50;
const longestPauseMs = 500;

/**
 * Gives back what nobody knows to hold: a grant whose reply was lost, a release that could not be sent. Tries
 * until Redis answers or the lease would have ended anyway, and never fails.
 */
export async function giveBack(
  context: CoreContext,
  store: Pick<LeaseStore, "giveUp">,
  holder: string,
  withinMs: number,
): Promise<void> {
  const endsAt = performance.now() + withinMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      await store.giveUp(holder);
      return;
    } catch (error) {
      if (!isOutage(error) || performance.now() + pauseMs > endsAt) {
        context.telemetry.count("lock_release_failures_total");
        context.telemetry.log("warn", "a lock could not be released; its lease ends by itself", { error });
        return;
      }
    }
    await new Promise<void>((resolve) => {
      later(pauseMs, resolve);
    });
  }
}
