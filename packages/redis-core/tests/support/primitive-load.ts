import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "vitest";
import { OutcomeUnknown, type RedisCore, RedisUnavailable } from "../../src/index.ts";
import { fixedWindow } from "../../src/rate-limit/index.ts";
import { type Load, type LoadReport, startCalls } from "./write-load.ts";

const limit = 1_000_000;

/** What all clients of one identity see of its lock. */
export interface LockWatch {
  isHeld: boolean;
  token: bigint;
}

interface PrimitiveLoadOptions {
  readonly client: number;
  readonly watch: LockWatch;
  /** A failover may forget what was confirmed, and who held a lock; but never may anything happen twice. */
  readonly mayForget?: boolean;
}

interface PrimitiveLoad {
  readonly what: string;
  readonly load: Load;
  /** That what Redis holds is what the calls were told. */
  verify(report: LoadReport): Promise<void>;
}

/**
 * Uses the primitives of one identity again and again, each in a loop of its own that knows what it must be told. The
 * clients of an identity share its slots, and its lock; each has its own item, member, limiter and version.
 */
export function startPrimitives(
  core: RedisCore,
  identity: string,
  { client, watch, mayForget = false }: PrimitiveLoadOptions,
): PrimitiveLoad[] {
  const counter = core.counter(identity);
  const board = core.leaderboard(identity, { update: "increment", periods: ["all"] });
  const limiter = core.limiter(`api-${client}`, { user: fixedWindow(limit, "366d") }, { onUnavailable: "closed" });
  const cache = core.cache<number>(identity, { ttl: "1h", version: client + 1 });
  const lock = core.lock(identity, { lease: "3s" });
  const [post, plain, member] = [`post-${client}`, `plain-${client}`, `member-${client}`];
  const [counted, submitted, cached] = [{ value: 0 }, { value: 0 }, { sent: 0, confirmed: 0 }];

  /** Repeats an operation until its outcome is known, so that the next answer is always one more. */
  const oneByOne = (done: { value: number }, operate: (operationId: string) => Promise<number>) => async () => {
    const next = done.value + 1;
    const told = await operate(`${client}-${next}`);
    if (told > next || (told < next && !mayForget)) {
      throw new Error(`told ${told} instead of ${next}`);
    }
    done.value = told;
  };
  const storedOf = async (item: string) => (await counter.get([item])).get(item) ?? 0;
  const expectBetween = (stored: number, least: number, most: number) => {
    expect(stored).toBeGreaterThanOrEqual(mayForget ? 0 : least);
    expect(stored).toBeLessThanOrEqual(most);
  };

  return [
    {
      what: "counts by operation",
      load: startCalls(oneByOne(counted, (operationId) => counter.increment(post, { operationId }))),
      async verify() {
        // The last one may have run without an answer.
        expectBetween(await storedOf(post), counted.value, counted.value + 1);
      },
    },
    {
      what: "counts",
      load: startCalls(() => counter.increment(plain)),
      async verify({ confirmed, unknown }) {
        expectBetween(await storedOf(plain), confirmed, confirmed + unknown);
      },
    },
    {
      what: "reads of a count",
      load: startCalls(async () => {
        const least = counted.value;
        const stored = await storedOf(post);
        if (stored < least && !mayForget) {
          throw new Error(`read ${stored} after ${least} was confirmed`);
        }
      }),
      verify: () => Promise.resolve(),
    },
    {
      what: "submits",
      load: startCalls(
        oneByOne(submitted, async (operationId) => (await board.submit(member, 1, { operationId })).score),
      ),
      async verify() {
        const standing = (await board.top(10)).find((entry) => entry.member === member);
        expectBetween(standing?.score ?? 0, submitted.value, submitted.value + 1);
      },
    },
    {
      what: "limits",
      load: startCalls(async () => {
        const { source, allowed } = await limiter.limit({ user: identity });
        if (source !== "redis") {
          throw new OutcomeUnknown(`decided by ${source}`);
        }
        expect(allowed).toBe(true);
      }),
      async verify({ confirmed, unknown }) {
        const { remaining, source } = await limiter.peek({ user: identity }, { cost: 0 });
        expect(source).toBe("redis");
        expectBetween(limit - remaining, confirmed, confirmed + unknown);
      },
    },
    {
      what: "cached values",
      load: startCalls(async () => {
        cached.sent += 1;
        const before = cached.sent;
        await cache.set("page", before);
        cached.confirmed = before;
        const read = await cache.get("page");
        // A cache that cannot be asked has nothing.
        if (read === undefined) {
          throw new RedisUnavailable("nothing read");
        }
        expectBetween(read, before, before);
      }),
      async verify() {
        expectBetween((await cache.get("page")) ?? 0, cached.confirmed, cached.sent);
      },
    },
    {
      what: "lock cycles",
      load: startCalls(async () => {
        const held = await lock.tryAcquire();
        if (held === null) {
          return false;
        }
        if (!mayForget) {
          expect(held.token).toBeGreaterThan(watch.token);
          expect(watch.isHeld && held.isHeld).toBe(false);
        }
        Object.assign(watch, { isHeld: true, token: held.token });
        await nextTurn();
        watch.isHeld = false;
        return await held.release();
      }),
      verify: () => Promise.resolve(),
    },
  ];
}
