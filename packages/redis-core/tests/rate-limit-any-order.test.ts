import { createTestCore } from "@cardinal/redis-core/testing";
import fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import { manualClock } from "../src/clock.ts";
import {
  concurrency,
  fixedWindow,
  type LimitRule,
  slidingWindow,
  slidingWindowLog,
  tokenBucket,
} from "../src/rate-limit/index.ts";
import { checkProperty } from "./support/check-property.ts";

const url = inject("redisUrl");

const makers: readonly [string, (limit: number, windowMs: number) => LimitRule][] = [
  ["fixedWindow", fixedWindow],
  ["slidingWindow", slidingWindow],
  ["slidingWindowLog", slidingWindowLog],
  ["concurrency", (limit, ttl) => concurrency(limit, { ttl })],
  ["tokenBucket", (burst, per) => tokenBucket({ rate: Math.max(1, burst - 2), per, burst })],
];

const amount = fc.integer({ min: 0, max: 9 });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ limit: amount }) },
  { weight: 3, arbitrary: fc.record({ waitMs: fc.integer({ min: 0, max: 900 }) }) },
  fc.record({ setClockMs: fc.integer({ min: -3_000, max: 3_000 }) }),
  fc.record({ refund: amount }),
  fc.record({ penalize: amount }),
  fc.record({ reserve: amount, settle: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ own: fc.integer({ min: 1, max: 15 }), windowMs: fc.integer({ min: 500, max: 2_000 }) }),
  fc.record({ clear: fc.constant(true) }),
  fc.record({ blockMs: fc.integer({ min: 1, max: 500 }) }),
  fc.record({ unblock: fc.constant(true) }),
);

describe.each(makers)("%s", (name, make) => {
  it("answers with possible figures whatever is done before, and leaves no key for ever", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const rules = { user: make(9, 1_000), other: make(9, 700) };
    const limiter = test.core.limiter("api", rules, { blockCache: false, statistics: { identities: 3 } });
    const alone = test.core.limiter("alone", { user: rules.user }, { blockCache: false });
    let run = 0;
    await checkProperty(
      `${name} in any order`,
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), async (steps, isAlone) => {
        const identity = `user-${(run += 1)}`;
        const keys = { user: identity, other: identity };
        const used = isAlone ? alone : limiter;
        clock.advance(10_000);
        for (const each of steps) {
          if ("waitMs" in each) {
            clock.advance(each.waitMs);
          } else if ("setClockMs" in each) {
            clock.advance(each.setClockMs);
          } else if ("refund" in each) {
            await used.refund(keys, each.refund);
          } else if ("penalize" in each) {
            await used.penalize(keys, each.penalize);
          } else if ("reserve" in each) {
            await (await used.reserve(keys, { cost: each.reserve })).settle(each.settle);
          } else if ("own" in each) {
            await used.setLimit({ user: identity }, { user: make(each.own, each.windowMs) }, { ttl: 1_500 });
          } else if ("clear" in each) {
            await used.clearLimit({ user: identity });
          } else if ("blockMs" in each) {
            await used.block(keys, each.blockMs);
          } else if ("unblock" in each) {
            await used.unblock(keys);
          } else {
            const before = await used.peek(keys, { cost: each.limit });
            const decision = await used.limit(keys, { cost: each.limit });
            expect(decision.allowed).toBe(before.allowed);
            for (const result of Object.values(decision.rules)) {
              const { limit, remaining, retryAfterMs, resetAfterMs } = result;
              expect(remaining).toBeGreaterThanOrEqual(0);
              expect(remaining).toBeLessThanOrEqual(limit);
              expect(retryAfterMs).toBeGreaterThanOrEqual(0);
              expect(resetAfterMs).toBeGreaterThanOrEqual(0);
              expect([remaining, retryAfterMs, resetAfterMs].every(Number.isInteger)).toBe(true);
            }
            expect(decision.allowed ? 0 : 1).toBeLessThanOrEqual(decision.retryAfterMs);
          }
        }
        clock.advance(20_000);
        expect((await used.peek(keys, { cost: 9 })).allowed).toBe(true);
      }),
      { runs: 25 },
    );
    expect(await test.listPermanentKeys()).toEqual([]);
  });
});
