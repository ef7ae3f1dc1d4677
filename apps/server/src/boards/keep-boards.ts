import { rebuildBoards } from "@cardinal/api/use-cases";
import { isOutage } from "@cardinal/redis-core";
import type { ServerContext } from "../server-context.ts";

const everyMs = 60_000;

export interface BoardKeeper {
  /** Resolves after the first round, or when stopped before it. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Rebuilds boards that Redis has lost from the ledger: once Redis is there for the first time, and every
 * minute. A round without Redis is left to the next one.
 */
export function keepBoards({ deps, redis, log }: ServerContext): BoardKeeper {
  const stopping = new AbortController();
  const { signal } = stopping;

  const round = async (): Promise<void> => {
    try {
      await rebuildBoards(deps, { which: "lost" });
    } catch (error) {
      if (!isOutage(error)) {
        log.error({ err: error }, "boards could not be rebuilt");
      }
    }
  };
  const firstRound = redis.ready(signal).then(round, () => undefined);
  let current = firstRound;
  const timer = setInterval(() => {
    current = current.then(() => (signal.aborted ? undefined : round()));
  }, everyMs);
  timer.unref();

  return {
    ready: firstRound,
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await current;
    },
  };
}
