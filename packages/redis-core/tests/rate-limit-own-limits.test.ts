import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
import { manualClock } from "../src/clock.ts";
import { Misuse } from "../src/errors.ts";
import {
  concurrency,
  fixedWindow,
  type LimitRule,
  rateLimitHeaders,
  slidingWindow,
  slidingWindowLog,
  tokenBucket,
} from "../src/rate-limit/index.ts";

const url = inject("redisUrl");
const keys = { user: "ada" };

/** Rule, one that allows more in another window, and one that allows less. */
const algorithms: readonly [string, LimitRule, LimitRule, LimitRule][] = [
  ["fixedWindow", fixedWindow(5, "1h"), fixedWindow(8, "2h"), fixedWindow(2, "1h")],
  ["slidingWindow", slidingWindow(5, "1h"), slidingWindow(8, "2h"), slidingWindow(2, "1h")],
  ["slidingWindowLog", slidingWindowLog(5, "1h"), slidingWindowLog(8, "2h"), slidingWindowLog(2, "1h")],
  ["concurrency", concurrency(5, { ttl: "1h" }), concurrency(8, { ttl: "2h" }), concurrency(2, { ttl: "1h" })],
  [
    "tokenBucket",
    tokenBucket({ rate: 5, per: "1h" }),
    tokenBucket({ rate: 8, per: "2h" }),
    tokenBucket({ rate: 2, per: "1h" }),
  ],
];

describe.each(algorithms)("a limit of one's own, %s", (_, rule, greater, smaller) => {
  it("holds at once in every process, with what was used before, until its ttl", async () => {
    // The start of a window of either length.
    const clock = manualClock(1_749_996_000_000);
    await using test = await createTestCore(url, { clock });
    await using other = await createTestCore(url, { clock, prefix: test.prefix });
    const [here, there] = [test, other].map(({ core }) => core.limiter("api", { user: rule }, { blockCache: false }));
    await here?.limit(keys, { cost: 5 });
    expect((await there?.limit(keys))?.allowed).toBe(false);
    await here?.setLimit(keys, { user: greater }, { ttl: 60_000 });
    const { windowMs } = greater;
    expect(await there?.limit(keys)).toMatchObject({ allowed: true, limit: 8, remaining: 2, rules: { user: { windowMs } } });
    expect(rateLimitHeaders((await there?.peek(keys)) as never)["RateLimit-Policy"]).toBe('"user";q=8;w=7200');
    expect((await there?.limit({ user: "bo" }, { cost: 5 }))?.remaining).toBe(0);
    expect((await there?.limit(keys, { cost: 2 }))?.allowed).toBe(true);
    expect((await there?.limit(keys))?.allowed).toBe(false);
    clock.advance(60_000);
    expect(await there?.limit(keys)).toMatchObject({ allowed: false, limit: 5 });
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("may be smaller, names the exact moment of the next pass, and ends when it is cleared", async () => {
    const clock = manualClock(1_749_996_000_000);
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: rule }, { blockCache: false });
    await limiter.setLimit(keys, { user: smaller }, { ttl: "30d" });
    expect(await limiter.limit(keys, { cost: 2 })).toMatchObject({ allowed: true, limit: 2, remaining: 0 });
    const denied = await limiter.limit(keys);
    expect(denied.allowed).toBe(false);
    clock.advance(denied.retryAfterMs - 1);
    expect((await limiter.peek(keys)).allowed).toBe(false);
    clock.advance(1);
    expect((await limiter.peek(keys)).allowed).toBe(true);
    await limiter.clearLimit(keys);
    expect(await limiter.peek(keys)).toMatchObject({ allowed: true, limit: 5 });
    expect(await limiter.listLimits()).toEqual([]);
  });

  it("that a cost can never pass denies until it ends", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: rule }, { blockCache: false });
    await limiter.setLimit(keys, { user: smaller }, { ttl: 5_000 });
    expect(await limiter.limit(keys, { cost: 3 })).toMatchObject({ allowed: false, retryAfterMs: 5_000 });
    await expect(limiter.limit({ user: "bo" }, { cost: 6 })).rejects.toThrow(Misuse);
    clock.advance(5_000);
    expect((await limiter.limit(keys, { cost: 3 })).allowed).toBe(true);
  });
});

describe("limits of one's own", () => {
  const rules = { user: slidingWindow(5, "1m"), address: tokenBucket({ rate: 3, per: "1s", burst: 9 }) } as const;

  it("are listed by when they end, page by page, with the rule that holds", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", rules);
    const bucket = tokenBucket({ rate: 1, per: "1m", burst: 4 });
    await limiter.setLimit({ user: "ada lovelace" }, { user: slidingWindow(50, "1m") }, { ttl: "2d" });
    await limiter.setLimit({ user: "bo", address: "::1" }, { user: slidingWindow(60, "1h"), address: bucket }, { ttl: "1d" });
    await limiter.setLimit({ user: "ada lovelace" }, { user: slidingWindow(70, "1m") }, { ttl: "3d" });
    const day = 86_400_000;
    const untilMs = clock.nowMs() + day;
    expect(await limiter.listLimits()).toEqual([
      { name: "address", identity: "::1", rule: bucket, untilMs },
      { name: "user", identity: "bo", rule: slidingWindow(60, "1h"), untilMs },
      { name: "user", identity: "ada lovelace", rule: slidingWindow(70, "1m"), untilMs: untilMs + 2 * day },
    ]);
    expect((await limiter.listLimits({ from: 1, count: 1 })).map(({ identity }) => identity)).toEqual(["bo"]);
    await limiter.clearLimit({ user: "bo" });
    expect((await limiter.listLimits()).map(({ identity }) => identity)).toEqual(["::1", "ada lovelace"]);
    clock.advance(day);
    expect((await limiter.limit({ user: "ada lovelace", address: "::1" })).rules).toMatchObject({
      user: { limit: 70 },
      address: { limit: 9 },
    });
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("and blocks do not end each other, and a reset forgets only the block", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: slidingWindow(5, "1m") }, { blockCache: false });
    await limiter.setLimit(keys, { user: slidingWindow(50, "1m") }, { ttl: "1h" });
    await limiter.block(keys, "10m");
    expect(await limiter.limit(keys)).toMatchObject({ allowed: false, limit: 50, retryAfterMs: 600_000 });
    await limiter.unblock(keys);
    expect(await limiter.limit(keys)).toMatchObject({ allowed: true, limit: 50, remaining: 49 });
    await limiter.block(keys, "2h");
    await limiter.clearLimit(keys);
    expect(await limiter.limit(keys)).toMatchObject({ allowed: false, limit: 5, retryAfterMs: 7_200_000 });
    await limiter.setLimit(keys, { user: slidingWindow(50, "1m") }, { ttl: "1h" });
    await limiter.reset(keys);
    expect(await limiter.limit(keys)).toMatchObject({ allowed: true, limit: 50, remaining: 49 });
  });

  it("and blocks hold for processes that have the rule by another algorithm, as during a deployment", async () => {
    const clock = manualClock(1_749_996_000_000);
    await using test = await createTestCore(url, { clock });
    const create = (rule: LimitRule) => test.core.limiter("api", { user: rule }, { blockCache: false });
    const older = create(slidingWindow(5, "1h"));
    const newer = [fixedWindow(5, "1h"), slidingWindowLog(5, "1h"), tokenBucket({ rate: 5, per: "1h" })].map(create);
    await Promise.all(newer.map((limiter) => limiter.limit(keys)));
    await older.block(keys, "1m");
    for (const limiter of newer) {
      expect(await limiter.limit(keys)).toMatchObject({ allowed: false, retryAfterMs: 60_000 });
    }
    await older.unblock(keys);
    await older.setLimit(keys, { user: slidingWindow(8, "1h") }, { ttl: "1h" });
    const limits = await Promise.all(newer.map(async (limiter) => (await limiter.limit(keys)).limit));
    // What is said of a window says nothing of a bucket.
    expect(limits).toEqual([8, 8, 5]);
    expect(await newer[2]?.listLimits()).toEqual([]);
    expect(await newer[0]?.listLimits()).toHaveLength(1);
  });

  it("are refused for another algorithm, without an identity, without a limit, and without a ttl", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", rules);
    const more = slidingWindow(50, "1m");
    await expect(limiter.setLimit(keys, { user: fixedWindow(5, "1m") }, { ttl: "1d" })).rejects.toThrow(Misuse);
    await expect(limiter.setLimit({}, { user: more }, { ttl: "1d" })).rejects.toThrow(Misuse);
    await expect(limiter.setLimit(keys, {}, { ttl: "1d" })).rejects.toThrow(Misuse);
    await expect(limiter.setLimit({}, {}, { ttl: "1d" })).rejects.toThrow(Misuse);
    await expect(limiter.setLimit(keys, { user: more }, { ttl: 0 })).rejects.toThrow(Misuse);
    await expect(limiter.setLimit({ user: "" }, { user: more }, { ttl: 1 })).rejects.toThrow(Misuse);
    await expect(limiter.listLimits({ count: 0 })).rejects.toThrow(Misuse);
    await limiter.clearLimit({});
    expect(await test.listKeys()).toEqual([]);
  });
});

describe("a penalty", () => {
  it.each(algorithms.filter(([name]) => name !== "concurrency"))("debits %s without asking, and never past its limit", async (_, rule) => {
    const clock = manualClock(1_749_996_000_000);
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: rule }, { blockCache: false });
    await limiter.penalize(keys, 2);
    expect((await limiter.peek(keys)).remaining).toBe(3);
    await limiter.penalize(keys, 1_000_000);
    const full = await limiter.peek(keys);
    expect(full).toMatchObject({ allowed: false, remaining: 0 });
    clock.advance(full.retryAfterMs);
    expect((await limiter.limit(keys)).allowed).toBe(true);
    clock.advance((await limiter.peek(keys)).resetAfterMs);
    expect((await limiter.peek(keys, { cost: 5 })).allowed).toBe(true);
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("takes no leases", async () => {
    await using test = await createTestCore(url);
    const limiter = test.core.limiter("api", { inFlight: concurrency(2, { ttl: "1m" }) });
    await limiter.penalize({ inFlight: "ada" }, 2);
    expect((await limiter.peek({ inFlight: "ada" })).remaining).toBe(2);
  });
});
