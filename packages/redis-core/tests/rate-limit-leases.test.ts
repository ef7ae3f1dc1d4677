import { startRedis, startTcpProxy } from "@cardinal/dev";
import { connectRedis } from "@cardinal/redis-core/connection";
import { createTestCore } from "@cardinal/redis-core/testing";
import fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import { manualClock } from "../src/clock.ts";
import { createRedisCore } from "../src/core.ts";
import { isOutage, Misuse } from "../src/errors.ts";
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

describe("a concurrency rule", () => {
  const rules = { inFlight: concurrency(2, { ttl: "30s" }) };
  const keys = { inFlight: "ada" };

  it("counts what is under way in all processes, and is free as soon as one is released", async () => {
    await using test = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: test.prefix });
    const [here, there] = [test.core.limiter("api", rules), other.core.limiter("api", rules)];
    const first = await here.limit(keys);
    const second = await there.limit(keys);
    expect([first.remaining, second.remaining]).toEqual([1, 0]);
    const denied = await here.limit(keys);
    expect(denied).toMatchObject({ allowed: false, limitedBy: "inFlight", source: "redis" });
    expect(denied.retryAfterMs).toBeGreaterThan(29_000);
    await denied.release();
    expect((await here.limit(keys)).allowed).toBe(false);
    await second.release();
    await second.release();
    const third = await here.limit(keys);
    expect(third).toMatchObject({ allowed: true, remaining: 0 });
    await Promise.all([first.release(), third.release()]);
    expect(await test.listKeys()).toEqual([]);
  });

  it("is released at the end of the block that holds the decision", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", rules);
    {
      await using decision = await limiter.limit(keys, { cost: 2 });
      expect(decision.remaining).toBe(0);
    }
    expect((await limiter.peek(keys)).remaining).toBe(2);
  });

  it("frees at its ttl what a dead process had, and a late release takes nothing from anybody", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", rules);
    const forgotten = await limiter.limit(keys, { cost: 2 });
    clock.advance(29_999);
    expect((await limiter.limit(keys)).retryAfterMs).toBe(1);
    clock.advance(1);
    expect((await limiter.limit(keys, { cost: 2 })).allowed).toBe(true);
    await forgotten.release();
    expect((await limiter.limit(keys)).allowed).toBe(false);
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("stands beside other rules in one round trip; a release gives back only leases", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const limiter = test.core.limiter("api", { ...rules, user: fixedWindow(10, "366d") });
    const both = { inFlight: "ada", user: "ada" };
    await (await limiter.limit(both)).release();
    const commands = await countCommands(test.redis.port, async () => {
      await (await limiter.limit(both)).release();
    });
    expect(commands.evalsha).toBe(2);
    const { rules: state } = await limiter.peek(both);
    expect([state.inFlight?.remaining, state.user?.remaining]).toEqual([2, 8]);
    const none = test.core.limiter("plain", { user: fixedWindow(10, "366d") });
    const plain = await none.limit({ user: "ada" });
    expect(await countCommands(test.redis.port, () => plain.release())).not.toHaveProperty("evalsha");
  });

  it("is released although the first reply was lost", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using connection = connectRedis({ target: proxy.url(), deadlineMs: 3_000 });
    await connection.ready();
    await using core = createRedisCore({ redis: connection.port, prefix: "lost" });
    const limiter = core.limiter("api", rules);
    const decision = await limiter.limit(keys);
    await proxy.setMode("cut-after-request-before-reply", { match: "limit:concurrency", times: 1 });
    await decision.release();
    expect((await limiter.peek(keys)).remaining).toBe(2);
    expect(proxy.counters().cuts).toBe(1);
  });

  it("counts leases of its own while Redis is away", async () => {
    const away = connectRedis({ target: "redis://127.0.0.1:1", deadlineMs: 200 });
    await using core = createRedisCore({ redis: away.port, prefix: "away" });
    const limiter = core.limiter("api", rules, { onUnavailable: "local" });
    const [first] = [await limiter.limit(keys), await limiter.limit(keys)];
    expect(await limiter.limit(keys)).toMatchObject({ allowed: false, source: "local" });
    await first.release();
    await first.release();
    expect((await limiter.limit(keys)).allowed).toBe(true);
    expect((await limiter.limit(keys)).allowed).toBe(false);
    await away.close();
  });

  it("refuses a limit that would keep too many leases, and a ttl of nothing", () => {
    expect(() => concurrency(10_001, { ttl: "1s" })).toThrow(Misuse);
    expect(() => concurrency(1, { ttl: 0 })).toThrow(Misuse);
  });
});

describe("wait", () => {
  it("sleeps until the moment Redis named, and asks twice", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const limiter = test.core.limiter("api", { user: slidingWindowLog(1, 400) });
    await limiter.limit({ user: "ada" });
    const startedAt = performance.now();
    const commands = await countCommands(test.redis.port, async () => {
      expect((await limiter.wait({ user: "ada" }, { timeout: "5s" })).allowed).toBe(true);
    });
    expect(performance.now() - startedAt).toBeGreaterThan(300);
    // A timer may fire a millisecond before Redis' clock gets there.
    expect(commands.evalsha).toBeLessThanOrEqual(3);
  });

  it("answers with the denial at once when the timeout cannot be enough", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", { user: slidingWindowLog(1, "1h") });
    expect((await limiter.wait({ user: "ada" }, { timeout: 0 })).allowed).toBe(true);
    const startedAt = performance.now();
    const denied = await limiter.wait({ user: "ada" }, { timeout: "10s" });
    expect(denied).toMatchObject({ allowed: false, limitedBy: "user" });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it("sees a released lease long before it would have ended, and gives up at its timeout", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", { inFlight: concurrency(1, { ttl: "1h" }) });
    const held = await limiter.limit({ inFlight: "ada" });
    expect((await limiter.wait({ inFlight: "ada" }, { timeout: 150 })).allowed).toBe(false);
    const waiting = limiter.wait({ inFlight: "ada" }, { timeout: "10s" });
    await held.release();
    expect((await waiting).allowed).toBe(true);
  });

  it("ends by the caller's signal", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", { user: slidingWindowLog(1, "1h") });
    await limiter.limit({ user: "ada" });
    const leaving = new AbortController();
    const options = { timeout: "2h", signal: leaving.signal } as const;
    const waiting = limiter.wait({ user: "ada" }, options);
    leaving.abort(new Error("left"));
    await expect(waiting).rejects.toThrow("left");
  });
});

describe("reserve", () => {
  const algorithms: readonly [string, LimitRule][] = [
    ["fixedWindow", fixedWindow(20, 900)],
    ["slidingWindow", slidingWindow(20, 900)],
    ["slidingWindowLog", slidingWindowLog(20, 900)],
    ["tokenBucket", tokenBucket({ rate: 20, per: 900 })],
  ];

  it.each(algorithms)("settles on what %s would have counted for the actual cost", async (_, rule) => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: rule }, { blockCache: false });
    const amount = fc.integer({ min: 0, max: 10 });
    const waitMs = fc.integer({ min: 0, max: 900 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(amount, amount, amount, waitMs, async (before, reserved, actual, workMs) => {
        const [settled, expected] = [{ user: `a-${(run += 1)}` }, { user: `b-${run}` }];
        clock.set(1_750_000_000_000 + run * 9_000);
        await limiter.limit(settled, { cost: before });
        await limiter.limit(expected, { cost: before });
        const reservation = await limiter.reserve(settled, { cost: reserved });
        await limiter.limit(expected, { cost: actual });
        // A bucket has refilled meanwhile: what it gives back is then worth more than what was taken.
        clock.advance(rule.refill ? 0 : workMs);
        await reservation.settle(actual);
        const figures = await limiter.peek(settled, { cost: 0 });
        expect(figures.rules).toEqual((await limiter.peek(expected, { cost: 0 })).rules);
      }),
      { numRuns: 25 },
    );
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it.each(algorithms)("never settles past the limit of %s", async (_, rule) => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: rule });
    const reservation = await limiter.reserve({ user: "ada" }, { cost: 5 });
    await reservation.settle(1_000_000);
    const full = await limiter.peek({ user: "ada" });
    expect(full).toMatchObject({ allowed: false, remaining: 0 });
    clock.advance(full.resetAfterMs);
    expect((await limiter.peek({ user: "ada" }, { cost: 20 })).allowed).toBe(true);
  });

  it("releases the leases beside it, is one round trip, and is done once", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const limiter = test.core.limiter("api", {
      tokens: fixedWindow(1_000, "366d"),
      inFlight: concurrency(500, { ttl: "1m" }),
    });
    const keys = { tokens: "ada", inFlight: "ada" };
    const budget = await limiter.reserve(keys, { cost: 300 });
    const commands = await countCommands(test.redis.port, () => budget.settle(120));
    expect(commands.evalsha).toBe(1);
    await expect(budget.settle(120)).rejects.toThrow(Misuse);
    const { rules } = await limiter.peek(keys);
    expect([rules.tokens?.remaining, rules.inFlight?.remaining]).toEqual([880, 500]);
    const again = await limiter.reserve(keys);
    await expect(again.settle(-1)).rejects.toThrow(Misuse);
  });

  it("throws when Redis is away at the end", async () => {
    await using redis = await startRedis();
    await using connection = connectRedis({ target: redis.url, deadlineMs: 200 });
    await connection.ready();
    await using core = createRedisCore({ redis: connection.port, prefix: "gone" });
    const budget = await core.limiter("api", { user: fixedWindow(9, "1h") }).reserve({ user: "ada" });
    await redis.stop();
    await expect(budget.settle(1)).rejects.toSatisfy(isOutage);
  });

  it("settles nothing for a call that was denied", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", { user: slidingWindowLog(3, "1m") });
    await limiter.limit({ user: "ada" }, { cost: 2 });
    const denied = await limiter.reserve({ user: "ada" }, { cost: 2 });
    expect(denied.allowed).toBe(false);
    await denied.settle(0);
    expect((await limiter.peek({ user: "ada" })).remaining).toBe(1);
  });
});
