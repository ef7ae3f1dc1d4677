import { startRedis, startTcpProxy } from "@cardinal/dev";
import { connectRedis } from "@cardinal/redis-core/connection";
import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
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
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");

const rulesOf = (limit: number, window: number): Record<string, LimitRule> => ({
  fixed: fixedWindow(limit, window),
  sliding: slidingWindow(limit, window),
  log: slidingWindowLog(limit, window),
  bucket: tokenBucket({ rate: limit, per: window }),
  leases: concurrency(limit, { ttl: window }),
});

/** The same identity for every rule. */
const keysOf = (identity: string) =>
  Object.fromEntries(Object.keys(rulesOf(1, 1)).map((rule) => [rule, identity]));

describe("a limiter under faults", () => {
  it("notices no SCRIPT FLUSH, however often (F17)", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const limiter = test.core.limiter("api", rulesOf(400, 3_600_000), { blockCache: false, onUnavailable: "closed" });
    let flushes = 0;
    let isOver = false;
    const flushing = (async () => {
      while (!isOver) {
        await test.redis.port.command("SCRIPT FLUSH", [], []);
        flushes += 1;
      }
    })();
    const passed = [];
    for (let turn = 0; turn < 50; turn += 1) {
      passed.push(...(await Promise.all(Array.from({ length: 10 }, () => limiter.limit(keysOf("ada"))))));
      await limiter.peek(keysOf("ada"));
      await limiter.refund(keysOf("bo"), 0);
    }
    isOver = true;
    await flushing;
    expect(flushes).toBeGreaterThan(20);
    expect(passed.every(({ source }) => source === "redis")).toBe(true);
    expect(passed.filter(({ allowed }) => allowed)).toHaveLength(400);
  });

  it("may have debited a call whose reply was lost, once and never twice, and never lets more pass (T3, F18)", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using connection = connectRedis({ target: proxy.url(), deadlineMs: 10_000 });
    await connection.ready();
    await using reader = await createTestCore(redis.url);
    await using core = createRedisCore({ redis: connection.port, prefix: reader.prefix });
    const rules = { user: fixedWindow(60, "366d") };
    const limiter = core.limiter("api", rules, { onUnavailable: "closed", blockCache: false });
    await proxy.setMode("cut-after-request-before-reply", { match: "limit:fixed-window", every: 7 });
    let confirmed = 0;
    let unknown = 0;
    for (let call = 0; call < 80; call += 1) {
      await connection.ready();
      const { allowed, source } = await limiter.limit({ user: "ada" });
      confirmed += allowed ? 1 : 0;
      unknown += source === "policy" ? 1 : 0;
    }
    const { remaining } = await reader.core.limiter("api", rules).peek({ user: "ada" }, { cost: 0 });
    expect(proxy.counters().cuts).toBeGreaterThan(5);
    expect(confirmed).toBeLessThanOrEqual(60);
    expect(60 - remaining).toBeGreaterThanOrEqual(confirmed);
    expect(60 - remaining).toBeLessThanOrEqual(Math.min(60, confirmed + unknown));
  });

  it.each([
    ["open", true, "policy"],
    ["closed", false, "policy"],
    ["local", true, "local"],
  ] as const)("that is %s never takes an outage for a limit, nor remembers it as one", async (onUnavailable, allowed, source) => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using connection = connectRedis({ target: proxy.url(), deadlineMs: 5_000 });
    await connection.ready();
    await using core = createRedisCore({ redis: connection.port, prefix: "outage" });
    const limiter = core.limiter("api", { user: slidingWindow(1_000, "1h") }, { onUnavailable, instances: 2 });
    const keys = { user: "ada" };
    expect(await limiter.limit(keys)).toMatchObject({ allowed: true, source: "redis" });
    await proxy.setMode("refuse");
    await eventually(async () => expect((await limiter.limit(keys)).source).not.toBe("redis"));
    const away = await limiter.limit(keys);
    expect(away).toMatchObject({ allowed, source, limit: source === "local" ? 500 : 1_000 });
    expect(away.limitedBy).toBeUndefined();
    await expect(limiter.refund(keys)).rejects.toMatchObject({ code: "REDIS_UNAVAILABLE" });
    await expect(limiter.penalize(keys)).rejects.toMatchObject({ code: "REDIS_UNAVAILABLE" });
    await expect(limiter.setLimit(keys, { user: slidingWindow(1, "1h") }, { ttl: "1h" })).rejects.toMatchObject({
      code: "REDIS_UNAVAILABLE",
    });
    await proxy.setMode("pass");
    await eventually(async () => expect(await limiter.limit(keys)).toMatchObject({ allowed: true, source: "redis" }));
  });

  it("leaves no key behind once windows are over, of any algorithm, however many identities", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const options = { statistics: { retention: "1h" } } as const;
    const limiter = test.core.limiter("bulk", rulesOf(3, 400), options);
    for (let first = 0; first < 1_000; first += 100) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const keys = keysOf(`member-${first + index}`);
          await limiter.limit(keys, { cost: 1 + (index % 3) });
          await limiter.limit(keys, { cost: 3 });
          if (index % 4 === 0) {
            await Promise.all([limiter.block(keys, 300), limiter.penalize(keys), limiter.refund(keys)]);
          }
          if (index % 10 === 0) {
            await limiter.setLimit({ fixed: keys.fixed ?? null }, { fixed: fixedWindow(9, 400) }, { ttl: 500 });
          }
        }),
      );
    }
    expect(await test.listPermanentKeys()).toEqual([]);
    const isStatistics = (key: string) => /:limit:(counts|denied):/.test(key);
    await eventually(async () => expect((await test.listKeys()).filter((key) => !isStatistics(key))).toEqual([]));
  });

  it("retried at the moment it named passes, on the server's own clock", async () => {
    await using test = await createTestCore(url);
    for (const [name, rule] of Object.entries(rulesOf(2, 120))) {
      const limiter = test.core.limiter(name, { user: rule }, { blockCache: false });
      await limiter.limit({ user: "ada" }, { cost: 2 });
      for (let round = 0; round < 2; round += 1) {
        const denied = await limiter.limit({ user: "ada" }, { cost: 2 });
        if (!denied.allowed) {
          const atMs = denied.resetAtMs - denied.resetAfterMs + denied.retryAfterMs;
          await eventually(async () => expect(await redisNowMs(test)).toBeGreaterThanOrEqual(atMs));
          expect((await limiter.limit({ user: "ada" }, { cost: 2 })).allowed).toBe(true);
        }
      }
    }
  });
});

async function redisNowMs({ redis }: Awaited<ReturnType<typeof createTestCore>>): Promise<number> {
  const [seconds = 0, micros = 0] = (await redis.port.command("TIME", [], [])) as (string | number)[];
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

describe("bad input", () => {
  it("of identities is refused, or counts as the text it is", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", { user: slidingWindow(1, "1m") });
    const refused = ["", "\uD800", undefined, 42, {}];
    for (const user of refused) {
      await expect(limiter.limit({ user: user as never })).rejects.toThrow(Misuse);
      await expect(limiter.block({ user: user as never }, "1m")).rejects.toThrow(Misuse);
    }
    const strange = ["a*", "a?", "[a]", "{a}", "}{", "a:b", "a\nb", "\0", "__proto__", "constructor", "x".repeat(10_240)];
    for (const user of strange) {
      expect(await limiter.limit({ user })).toMatchObject({ allowed: true, source: "redis" });
      expect(await limiter.limit({ user })).toMatchObject({ allowed: false, limitedBy: "user" });
    }
    for (const key of await test.listKeys()) {
      expect(key.length).toBeLessThan(256);
    }
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("of costs, durations and settings is refused before anything is counted", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", rulesOf(5, 1_000));
    for (const cost of [Number.NaN, -1, 1.5, 6, Number.POSITIVE_INFINITY, "1" as never]) {
      await expect(limiter.limit(keysOf("ada"), { cost })).rejects.toThrow(Misuse);
      await expect(limiter.reserve(keysOf("ada"), { cost })).rejects.toThrow(Misuse);
      await expect(limiter.wait(keysOf("ada"), { cost, timeout: 0 })).rejects.toThrow(Misuse);
      await expect(limiter.wait(keysOf("ada"), { cost, timeout: 0, fair: true })).rejects.toThrow(Misuse);
    }
    await expect(limiter.block(keysOf("ada"), 0)).rejects.toThrow(Misuse);
    await expect(limiter.block(keysOf("ada"), -1)).rejects.toThrow(Misuse);
    await expect(limiter.wait(keysOf("ada"), { timeout: Number.NaN })).rejects.toThrow(Misuse);
    expect(await test.listKeys()).toEqual([]);
    const rules = { user: slidingWindow(5, "1m") };
    expect(() => test.core.limiter("api", {})).toThrow(Misuse);
    expect(() => test.core.limiter("api", { "a b": fixedWindow(1, 1) })).toThrow(Misuse);
    expect(() => test.core.limiter("api", rules, { instances: 0 })).toThrow(Misuse);
    expect(() => test.core.limiter("api", rules, { blockCache: -1 })).toThrow(Misuse);
    expect(() => slidingWindowLog(10_001, "1m")).toThrow(Misuse);
    expect(() => tokenBucket({ rate: 999_999_937, per: 999_999_893, burst: 999_999_929 })).toThrow(Misuse);
  });
});
