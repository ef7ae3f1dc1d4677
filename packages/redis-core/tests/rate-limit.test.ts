import { startRedis, startTcpProxy } from "@cardinal/dev";
import { connectRedis } from "@cardinal/redis-core/connection";
import { createTestCore } from "@cardinal/redis-core/testing";
import fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import { manualClock } from "../src/clock.ts";
import { createRedisCore } from "../src/core.ts";
import { Misuse } from "../src/errors.ts";
import {
  concurrency,
  fixedWindow,
  type LimitRule,
  slidingWindow,
  slidingWindowLog,
  tokenBucket,
} from "../src/rate-limit/index.ts";
import { countCommands } from "./support/count-commands.ts";

const url = inject("redisUrl");

const algorithms: readonly [string, LimitRule][] = [
  ["fixedWindow", fixedWindow(7, 900)],
  ["slidingWindow", slidingWindow(7, 900)],
  ["slidingWindowLog", slidingWindowLog(7, 900)],
  ["concurrency", concurrency(7, { ttl: 900 })],
  ["tokenBucket", tokenBucket({ rate: 7, per: 900 })],
  ["tokenBucket with a burst", tokenBucket({ rate: 3, per: 400, burst: 7 })],
];

describe.each(algorithms)("%s", (_, rule) => {
  it("passes exactly the limit at once, then names the exact moment of the next pass", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: rule }, { blockCache: false });
    for (let call = 1; call <= rule.limit; call += 1) {
      const decision = await limiter.limit({ user: "ada" });
      expect(decision).toMatchObject({ allowed: true, remaining: rule.limit - call, retryAfterMs: 0 });
    }
    const denied = await limiter.limit({ user: "ada" });
    expect(denied).toMatchObject({ allowed: false, limitedBy: "user", remaining: 0, source: "redis" });
    expect((await limiter.limit({ user: "bo" })).allowed).toBe(true);
    clock.advance(denied.retryAfterMs - 1);
    expect((await limiter.limit({ user: "ada" })).allowed).toBe(false);
    clock.advance(1);
    expect((await limiter.limit({ user: "ada" })).allowed).toBe(true);
  });

  it("names exact moments at any time, state and cost, and never debits a denial", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: rule }, { blockCache: false });
    const step = fc.record({ waitMs: fc.integer({ min: 0, max: 700 }), cost: fc.integer({ min: 0, max: 7 }) });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const keys = { user: `user-${(run += 1)}` };
        clock.advance(5_000 + run);
        for (const { waitMs, cost } of steps) {
          clock.advance(waitMs);
          const before = await limiter.peek(keys, { cost });
          const decision = await limiter.limit(keys, { cost });
          expect(decision.allowed).toBe(before.allowed);
          expect(decision.remaining).toBe(before.remaining - (decision.allowed ? cost : 0));
          expect(before.remaining >= cost).toBe(decision.allowed);
          if (!decision.allowed) {
            clock.advance(decision.retryAfterMs - 1);
            expect((await limiter.peek(keys, { cost })).allowed).toBe(false);
            clock.advance(1);
            expect((await limiter.peek(keys, { cost })).allowed).toBe(true);
          }
          const after = await limiter.peek(keys, { cost: 0 });
          clock.advance(after.resetAfterMs);
          expect((await limiter.peek(keys, { cost: 0 })).remaining).toBe(rule.limit);
          clock.advance(-after.resetAfterMs);
          if (after.resetAfterMs > 0) {
            clock.advance(after.resetAfterMs - 1);
            expect((await limiter.peek(keys, { cost: 0 })).resetAfterMs).toBe(1);
            clock.advance(1 - after.resetAfterMs);
          }
        }
      }),
      { numRuns: 10 },
    );
  });

  it("keeps its bound over any sequence of calls", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: rule }, { blockCache: false });
    const passed: number[] = [];
    let seed = 7;
    for (let call = 0; call < 400; call += 1) {
      seed = (seed * 16_807) % 2_147_483_647;
      clock.advance(seed % 97);
      if ((await limiter.limit({ user: "ada" })).allowed) {
        passed.push(clock.nowMs());
      }
    }
    expect(passed.length).toBeGreaterThan(50);
    for (const [index, fromMs] of passed.entries()) {
      for (let to = index; to < passed.length; to += 1) {
        const lastedMs = (passed[to] ?? 0) - fromMs;
        const count = to - index + 1;
        if (rule.refill) {
          const refilled = (lastedMs * rule.refill.rate) / rule.refill.perMs;
          expect(count).toBeLessThanOrEqual(rule.limit + refilled);
        } else if (["sliding-window-log", "concurrency"].includes(rule.algorithm) && lastedMs < rule.windowMs) {
          expect(count).toBeLessThanOrEqual(rule.limit);
        } else if (Math.floor(fromMs / rule.windowMs) === Math.floor((passed[to] ?? 0) / rule.windowMs)) {
          expect(count).toBeLessThanOrEqual(rule.limit);
        }
      }
    }
  });

  it("gives refunds back and forgets on reset; every key has a TTL within two windows", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: rule }, { blockCache: false });
    await limiter.limit({ user: "ada" }, { cost: 5 });
    await limiter.refund({ user: "ada" }, 3);
    expect((await limiter.peek({ user: "ada" })).remaining).toBe(5);
    await limiter.refund({ user: "ada" }, 7);
    expect((await limiter.peek({ user: "ada" })).remaining).toBe(7);
    expect(await test.listKeys()).toEqual([]);
    await limiter.limit({ user: "ada" }, { cost: 7 });
    await limiter.block({ user: "ada" }, "1m");
    const keys = await test.listKeys();
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      const ttlMs = Number(await test.redis.port.command("PTTL", [key], []));
      expect(ttlMs).toBeGreaterThan(0);
      expect(ttlMs).toBeLessThanOrEqual(key.includes(":control:") ? 61_000 : rule.windowMs * 2);
    }
    await limiter.reset({ user: "ada" });
    expect(await test.listKeys()).toEqual([]);
    expect((await limiter.limit({ user: "ada" }, { cost: 7 })).allowed).toBe(true);
  });

  it("divides the limit by the number of processes while Redis is away", async () => {
    const clock = manualClock();
    const away = connectRedis({ target: "redis://127.0.0.1:1", deadlineMs: 200 });
    await using core = createRedisCore({ redis: away.port, prefix: "away", clock });
    const limiter = core.limiter("api", { user: rule }, { onUnavailable: "local", instances: 2 });
    const decisions = [];
    for (let call = 0; call < 5; call += 1) {
      decisions.push(await limiter.limit({ user: "ada" }));
    }
    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, false, false]);
    expect(decisions.every(({ source }) => source === "local")).toBe(true);
    clock.advance(decisions[4]?.retryAfterMs ?? 0);
    expect((await limiter.limit({ user: "ada" })).allowed).toBe(true);
    await away.close();
  });
});

describe("several rules", () => {
  const rules = { user: slidingWindow(5, "1m"), address: tokenBucket({ rate: 3, per: "1m" }) } as const;

  it("are one round trip, and none is debited when one denies", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const limiter = test.core.limiter("api", rules, { blockCache: false });
    const keys = { user: "ada", address: "203.0.113.9" };
    await limiter.limit(keys);
    const commands = await countCommands(test.redis.port, () => limiter.limit(keys));
    expect(commands.evalsha).toBe(1);
    await limiter.limit(keys);
    const denied = await limiter.limit(keys);
    expect(denied).toMatchObject({ allowed: false, limitedBy: "address", limit: 3, remaining: 0 });
    expect(denied.rules.user).toMatchObject({ limit: 5, remaining: 2, retryAfterMs: 0 });
    await limiter.limit(keys);
    expect((await limiter.peek({ ...keys, address: null })).remaining).toBe(2);
  });

  it("name the one to wait longest for", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { a: fixedWindow(1, "1s"), b: fixedWindow(1, "1h") });
    await limiter.limit({ a: "x", b: "x" });
    const denied = await limiter.limit({ a: "x", b: "x" });
    expect(denied.limitedBy).toBe("b");
    expect(denied.retryAfterMs).toBe(3_600_000 - (clock.nowMs() % 3_600_000));
  });

  it("block an identity whatever its count, and a longer block stands", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", rules);
    const keys = { user: "ada", address: null };
    await limiter.block(keys, "10m");
    await limiter.block(keys, "1m");
    const denied = await limiter.limit(keys);
    expect(denied).toMatchObject({ allowed: false, limitedBy: "user", remaining: 0, retryAfterMs: 600_000 });
    clock.advance(600_000);
    expect((await limiter.limit(keys)).allowed).toBe(true);
  });

  it("treat what users type as text, not as part of a key", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", { user: slidingWindow(1, "1m") });
    for (const user of ["a", "a:b", "{a}", "*", "a b", "ä", "a".repeat(5_000)]) {
      expect((await limiter.limit({ user })).allowed).toBe(true);
    }
    expect(await test.listKeys()).toHaveLength(7);
  });
});

describe("the block cache", () => {
  it("answers a repeated denial without Redis, only for as much cost and until the named moment", async () => {
    const clock = manualClock();
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url, { clock });
    const limiter = test.core.limiter("api", { user: slidingWindowLog(5, 800) });
    const keys = { user: "ada" };
    await limiter.limit(keys, { cost: 3 });
    const denied = await limiter.limit(keys, { cost: 4 });
    expect(denied.source).toBe("redis");
    clock.advance(300);
    const commands = await countCommands(test.redis.port, async () => {
      const again = await limiter.limit(keys, { cost: 4 });
      expect(again).toMatchObject({ allowed: false, source: "blockCache", retryAfterMs: 500, limitedBy: "user" });
    });
    expect(commands.evalsha).toBeUndefined();
    expect(await limiter.limit(keys, { cost: 2 })).toMatchObject({ allowed: true, source: "redis" });
    clock.advance(500);
    expect(await limiter.limit(keys, { cost: 3 })).toMatchObject({ allowed: true, source: "redis" });
  });

  it("believes itself for a second at most", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    await using other = await createTestCore(url, { clock, prefix: test.prefix });
    const rules = { user: fixedWindow(1, "1h") };
    const limiter = test.core.limiter("api", rules);
    await limiter.limit({ user: "ada" });
    await limiter.limit({ user: "ada" });
    await other.core.limiter("api", rules).reset({ user: "ada" });
    expect(await limiter.limit({ user: "ada" })).toMatchObject({ allowed: false, source: "blockCache" });
    clock.advance(1_000);
    expect(await limiter.limit({ user: "ada" })).toMatchObject({ allowed: true, source: "redis" });
  });
});

describe("without Redis", () => {
  it.each([
    ["open", true],
    ["closed", false],
  ] as const)("a limiter declared %s says so by its source", async (onUnavailable, allowed) => {
    const away = connectRedis({ target: "redis://127.0.0.1:1", deadlineMs: 200 });
    await using core = createRedisCore({ redis: away.port, prefix: "away" });
    const limiter = core.limiter("api", { user: slidingWindow(5, "1m") }, { onUnavailable });
    const decision = await limiter.limit({ user: "ada" });
    expect(decision).toMatchObject({ allowed, source: "policy", limit: 5, rules: {} });
    expect(decision.limitedBy).toBeUndefined();
    expect(decision.retryAfterMs).toBe(allowed ? 0 : 1_000);
    await away.close();
  });
});

describe("a Redis that does not answer", () => {
  it("costs a caller its deadline three times at most, and is used again when it is back", async () => {
    const clock = manualClock();
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using connection = connectRedis({ target: proxy.url() });
    await connection.ready();
    await using core = createRedisCore({ redis: connection.port, prefix: "stalled", clock });
    const limiter = core.limiter("api", { user: slidingWindow(50, "1m") }, { deadlineMs: 100 });
    expect((await limiter.limit({ user: "ada" })).source).toBe("redis");
    await proxy.setMode("stall");
    const startedAt = performance.now();
    for (let call = 0; call < 30; call += 1) {
      expect((await limiter.limit({ user: "ada" })).source).toBe("local");
    }
    expect(performance.now() - startedAt).toBeLessThan(900);
    await proxy.setMode("pass");
    clock.advance(1_000);
    expect((await limiter.limit({ user: "ada" })).source).toBe("redis");
  });
});

describe("misuse", () => {
  it("refuses costs that are not whole, not finite, negative, or above what a rule can pass", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", { user: slidingWindow(5, "1m") });
    for (const cost of [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY, 6]) {
      await expect(limiter.limit({ user: "ada" }, { cost })).rejects.toThrow(Misuse);
      await expect(limiter.peek({ user: "ada" }, { cost })).rejects.toThrow(Misuse);
    }
    for (const cost of [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY]) {
      await expect(limiter.refund({ user: "ada" }, cost)).rejects.toThrow(Misuse);
      await expect(limiter.penalize({ user: "ada" }, cost)).rejects.toThrow(Misuse);
    }
    expect(await test.listKeys()).toEqual([]);
  });

  it("refuses a call without keys", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", { user: slidingWindow(5, "1m") });
    await expect(limiter.limit({ user: null })).rejects.toThrow(Misuse);
    await expect(limiter.limit({} as never)).rejects.toThrow(Misuse);
    await expect(limiter.limit({ user: "" })).rejects.toThrow(Misuse);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses a limit of %s", (limit) => {
    expect(() => slidingWindow(limit, "1m")).toThrow(Misuse);
    expect(() => tokenBucket({ rate: limit, per: "1s" })).toThrow(Misuse);
    expect(() => slidingWindow(1, limit > 1 ? 0 : limit)).toThrow(Misuse);
  });
});
