import { setTimeout as delay } from "node:timers/promises";
import { isOutage, OutcomeUnknown, type RedisPort } from "@cardinal/redis-core";

/** What became of the increments a load sent. */
export interface LoadReport {
  readonly confirmed: number;
  /** Sent without a reply: each may have run. */
  readonly unknown: number;
  /** Never sent, or refused before running. */
  readonly unavailable: number;
  /** Errors of any other kind: there must be none. */
  readonly others: readonly unknown[];
}

export interface Load {
  /** Resolves with the next increment that is confirmed. */
  untilConfirmed(): Promise<void>;
  stop(): Promise<LoadReport>;
}

/** Increments a key again and again, until stopped, and keeps account of every outcome. */
export function startLoad(port: RedisPort, key: string, options: { readonly waitReplicas?: number } = {}): Load {
  let isStopped = false;
  let [confirmed, unknown, unavailable] = [0, 0, 0];
  const others: unknown[] = [];
  const running = (async () => {
    while (!isStopped) {
      try {
        await port.command("INCR", [key], [], { ...options, deadlineMs: 500 });
        confirmed += 1;
      } catch (error) {
        if (error instanceof OutcomeUnknown) {
          unknown += 1;
        } else if (isOutage(error)) {
          unavailable += 1;
        } else {
          others.push(error);
        }
      }
      await delay(5);
    }
  })();
  return {
    async untilConfirmed() {
      const before = confirmed;
      while (confirmed === before) {
        await delay(5);
      }
    },
    async stop() {
      isStopped = true;
      await running;
      return { confirmed, unknown, unavailable, others };
    },
  };
}
