import { setTimeout as delay } from "node:timers/promises";
import { isOutage, OutcomeUnknown, type RedisPort } from "@cardinal/redis-core";

/** What became of the calls of a load. */
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
  /** Resolves with the next call that is confirmed. */
  untilConfirmed(): Promise<void>;
  stop(): Promise<LoadReport>;
}

/** Increments a key again and again, until stopped, and keeps account of every outcome. */
export function startLoad(port: RedisPort, key: string, options: { readonly waitReplicas?: number } = {}): Load {
  return startCalls(() => port.command("INCR", [key], [], { ...options, deadlineMs: 500 }));
}

/** Calls again and again, until stopped, and keeps account of every outcome. One that gives `false` did nothing. */
export function startCalls(call: () => Promise<unknown>): Load {
  let isStopped = false;
  let [confirmed, unknown, unavailable] = [0, 0, 0];
  const others: unknown[] = [];
  const running = (async () => {
    while (!isStopped) {
      try {
        confirmed += (await call()) === false ? 0 : 1;
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
