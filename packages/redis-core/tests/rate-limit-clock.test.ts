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

const algorithms: readonly [string, LimitRule][] = [
  ["fixedWindow", fixedWindow(5, 1_000)],
  ["slidingWindow", slidingWindow(5, 1_000)],
  ["slidingWindowLog", slidingWindowLog(5, 1_000)],
  ["concurrency", concurrency(5, { ttl: 1_000 })],
  ["tokenBucket", tokenBucket({ rate: 5, per: 1_000 })],
];

/** What may pass within a window of real time, wherever it begins, while the clock is right. */
function mostInWindow({ algorithm, limit }: LimitRule): number {
  return ["sliding-window-log", "concurrency"].includes(algorithm) ? limit : 2 * limit;
}

describe.each(algorithms)("%s under a clock that is set", (name, rule) => {
  it("names finite waits within two windows, keeps to them, and lets one limit more pass for each step (T13)", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const limiter = test.core.limiter("api", { user: rule }, { blockCache: false });
    const stepMs = fc.oneof(
      fc.constantFrom(120_000, -120_000, 3_600_000, -3_600_000),
      fc.integer({ min: -2_500, max: 2_500 }),
    );
    const act = fc.oneof(
      { weight: 6, arbitrary: fc.record({ waitMs: fc.integer({ min: 0, max: 400 }) }) },
      { weight: 1, arbitrary: fc.record({ stepMs }) },
    );
    let run = 0;
    await checkProperty(
      `${name} under a clock that is set`,
      fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 60 }), async (acts) => {
        const keys = { user: `user-${(run += 1)}` };
        clock.set(1_750_000_000_000 + run * 86_400_000);
        let realMs = 0;
        const passed: number[] = [];
        const steps: number[] = [];
        for (const each of acts) {
          if ("stepMs" in each) {
            clock.advance(each.stepMs);
            steps.push(realMs);
            continue;
          }
          clock.advance(each.waitMs);
          realMs += each.waitMs;
          const decision = await limiter.limit(keys);
          const figures = [decision.remaining, decision.retryAfterMs, decision.resetAfterMs];
          expect(figures.every((figure) => Number.isInteger(figure) && figure >= 0)).toBe(true);
          expect(decision.retryAfterMs).toBeLessThanOrEqual(2 * rule.windowMs);
          if (decision.allowed) {
            passed.push(realMs);
          } else {
            clock.advance(decision.retryAfterMs);
            realMs += decision.retryAfterMs;
            expect((await limiter.limit(keys)).allowed, "at the moment that was named").toBe(true);
            passed.push(realMs);
          }
        }
        for (const [index, fromMs] of passed.entries()) {
          const within = (atMs: number) => atMs >= fromMs && atMs < fromMs + rule.windowMs;
          const count = passed.slice(index).filter(within).length;
          const most = mostInWindow(rule) + rule.limit * steps.filter(within).length;
          expect(count).toBeLessThanOrEqual(most);
        }
        expect(await test.listPermanentKeys()).toEqual([]);
      }),
      { runs: 12 },
    );
  });

  it("decides the same alone and beside another rule", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const alone = test.core.limiter("alone", { user: rule }, { blockCache: false });
    const rules = { user: rule, all: fixedWindow(1_000_000, "366d") };
    const beside = test.core.limiter("beside", rules, { blockCache: false });
    const call = fc.record({
      waitMs: fc.integer({ min: -300, max: 600 }),
      cost: fc.integer({ min: 0, max: 5 }),
      refund: fc.boolean(),
    });
    let run = 0;
    await checkProperty(
      `${name} alone and beside another rule`,
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), async (calls) => {
        const user = `user-${(run += 1)}`;
        for (const { waitMs, cost, refund } of calls) {
          clock.advance(waitMs);
          if (refund) {
            await Promise.all([alone.refund({ user }, cost), beside.refund({ user, all: null }, cost)]);
          }
          const one = await alone.limit({ user }, { cost });
          const two = await beside.limit({ user, all: "all" }, { cost });
          expect(two.rules.user).toEqual(one.rules.user);
          expect(two.allowed).toBe(one.allowed);
        }
      }),
      { runs: 15 },
    );
  });
});
