import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
import { manualClock } from "../src/clock.ts";
import { fixedWindow, rateLimitHeaders, slidingWindow, tokenBucket } from "../src/rate-limit/index.ts";

const url = inject("redisUrl");
/** The start of a minute, UTC. */
const minuteMs = 1_750_000_020_000;

describe("the examples of the guide", () => {
  it("fixedWindow(10, '10s') passes ten between two multiples of ten seconds", async () => {
    const clock = manualClock(minuteMs + 3_000);
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: fixedWindow(10, "10s") }, { blockCache: false });
    const keys = { user: "ada" };
    for (let call = 1; call <= 10; call += 1) {
      expect(await limiter.limit(keys)).toMatchObject({ allowed: true, remaining: 10 - call });
    }
    const denied = await limiter.limit(keys);
    expect(denied).toMatchObject({ allowed: false, retryAfterMs: 7_000, resetAtMs: minuteMs + 10_000 });
    expect(rateLimitHeaders(denied)).toEqual({
      "Retry-After": "7",
      "X-RateLimit-Limit": "10",
      "X-RateLimit-Remaining": "0",
      "X-RateLimit-Reset": String((minuteMs + 10_000) / 1_000),
      RateLimit: '"user";r=0;t=7',
      "RateLimit-Policy": '"user";q=10;w=10',
    });
    clock.advance(7_000);
    expect(await limiter.limit(keys, { cost: 10 })).toMatchObject({ allowed: true, remaining: 0 });
  });

  it("slidingWindow(100, '1m') counts the share of the last minute that it still covers", async () => {
    const clock = manualClock(minuteMs);
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: slidingWindow(100, "1m") }, { blockCache: false });
    const keys = { user: "ada" };
    expect(await limiter.limit(keys, { cost: 100 })).toMatchObject({ allowed: true, remaining: 0 });
    clock.set(minuteMs + 60_000);
    expect(await limiter.limit(keys)).toMatchObject({ allowed: false, retryAfterMs: 600 });
    // A quarter of a minute on, three quarters of the last minute's hundred are still covered.
    clock.set(minuteMs + 75_000);
    expect(await limiter.limit(keys, { cost: 26 })).toMatchObject({ allowed: false, remaining: 25 });
    expect(await limiter.limit(keys, { cost: 25 })).toMatchObject({ allowed: true, remaining: 0 });
  });

  it("a bucket of 5 per 10 s with room for 10 refills one token every 2 s, not five every 10 s", async () => {
    const clock = manualClock(minuteMs);
    await using test = await createTestCore(url, { clock });
    const rule = tokenBucket({ rate: 5, per: "10s", burst: 10 });
    const limiter = test.core.limiter("api", { user: rule }, { blockCache: false });
    const keys = { user: "ada" };
    expect(await limiter.limit(keys, { cost: 10 })).toMatchObject({ allowed: true, limit: 10, remaining: 0 });
    expect(await limiter.limit(keys)).toMatchObject({ allowed: false, retryAfterMs: 2_000 });
    expect(await limiter.limit(keys, { cost: 5 })).toMatchObject({ allowed: false, retryAfterMs: 10_000 });
    clock.advance(1_999);
    expect((await limiter.limit(keys)).allowed).toBe(false);
    clock.advance(1);
    expect(await limiter.limit(keys)).toMatchObject({ allowed: true, remaining: 0 });
    clock.advance(20_000);
    expect(await limiter.peek(keys, { cost: 10 })).toMatchObject({ allowed: true, remaining: 10 });
  });

  it("a login counts account and address block in one decision, and a success gives the attempt back", async () => {
    await using test = await createTestCore(url, { clock: manualClock(minuteMs) });
    const login = test.core.limiter(
      "login",
      { account: slidingWindow(5, "15m"), addressBlock: slidingWindow(20, "15m") },
      { onUnavailable: "closed", blockCache: false },
    );
    const keys = { account: "ada@example.com", addressBlock: "2001:db8:1:2::/64" };
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      expect((await login.limit(keys)).allowed).toBe(true);
    }
    const denied = await login.limit(keys);
    expect(denied).toMatchObject({ allowed: false, limitedBy: "account" });
    expect(denied.rules.addressBlock).toMatchObject({ remaining: 15, retryAfterMs: 0 });
    await login.refund(keys);
    expect((await login.limit(keys)).allowed).toBe(true);
    for (let other = 1; other <= 15; other += 1) {
      expect((await login.limit({ ...keys, account: `guess-${other}@example.com` })).allowed).toBe(true);
    }
    expect(await login.limit({ ...keys, account: "last@example.com" })).toMatchObject({
      allowed: false,
      limitedBy: "addressBlock",
    });
    expect((await login.limit({ account: "last@example.com", addressBlock: "203.0.113.9" })).allowed).toBe(true);
  });
});
