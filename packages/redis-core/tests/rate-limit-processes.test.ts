import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  concurrency,
  fixedWindow,
  type LimitRule,
  slidingWindow,
  slidingWindowLog,
  tokenBucket,
} from "../src/rate-limit/index.ts";
import { checkProperty } from "./support/check-property.ts";
import { expectWithinBound } from "./support/limit-bounds.ts";
import type { LimitTask, LimitTaskResult } from "./support/limit-worker.ts";
import { startWorkers, type Workers } from "./support/start-workers.ts";

const url = inject("redisUrl");
const processCount = 4;

async function race(workers: Workers, task: LimitTask): Promise<number[]> {
  const results = await Promise.all(workers.all.map((worker) => worker.ask<LimitTaskResult>(task)));
  return results.flat().toSorted((a, b) => a - b);
}

describe("four processes", () => {
  let test: TestCore;
  let workers: Workers;

  beforeAll(async () => {
    test = await createTestCore(url);
    workers = await startWorkers("limit-worker.ts", processCount, url, test.prefix);
  });

  afterAll(async () => {
    await workers[Symbol.asyncDispose]();
    await test[Symbol.asyncDispose]();
  });

  it.each([
    ["a log in four round trips lets too many pass", "unique", false],
    ["one whose entries are named by their millisecond lets far too many pass", "time", false],
    ["ours lets exactly the limit pass", undefined, true],
  ] as const)("race for a sliding log: %s (F1)", async (_, naive, isExact) => {
    const rule = slidingWindowLog(90, "1h");
    const identity = `naive-${naive ?? "ours"}`;
    const passed = await race(workers, { rule, identity, calls: 125, parallel: 25, ...(naive && { naive }) });
    expect(passed.length === 90).toBe(isExact);
    expect(passed.length).toBeGreaterThanOrEqual(90);
  });

  it("pass exactly the limit together, whatever the algorithm (F1)", async () => {
    const rules: LimitRule[] = [
      slidingWindowLog(100, "1h"),
      concurrency(100, { ttl: "1h" }),
      tokenBucket({ rate: 100, per: "2h" }),
      fixedWindow(100, "366d"),
      slidingWindow(100, "366d"),
    ];
    for (const rule of rules) {
      for (let round = 1; round <= 2; round += 1) {
        const identity = `${rule.algorithm}-${round}`;
        const passed = await race(workers, { rule, identity, calls: 125, parallel: 25 });
        expect(passed, `of ${identity}`).toHaveLength(100);
      }
    }
    const logs = (await test.listKeys()).filter((key) => key.includes("limit:sliding-window-log") && !key.includes("naive"));
    for (const key of logs) {
      expect(await test.redis.port.command("ZCARD", [key], [])).toBe(100);
    }
    expect((await test.listPermanentKeys()).filter((key) => key.includes(":limit:"))).toEqual([]);
  });

  it("keep every algorithm's bound at every moment, in windows of any length (C1)", async () => {
    const limit = fc.integer({ min: 1, max: 25 });
    const windowMs = fc.integer({ min: 15, max: 250 });
    const rule = fc.oneof(
      fc.tuple(limit, windowMs).map(([most, ms]) => slidingWindowLog(most, ms)),
      fc.tuple(limit, windowMs).map(([most, ttl]) => concurrency(most, { ttl })),
      fc.tuple(limit, windowMs).map(([most, ms]) => fixedWindow(most, ms)),
      fc.tuple(limit, windowMs).map(([most, ms]) => slidingWindow(most, ms)),
      fc.tuple(limit, windowMs, limit).map(([rate, per, burst]) => tokenBucket({ rate, per, burst })),
    );
    const calls = { calls: fc.integer({ min: 50, max: 700 }), parallel: fc.integer({ min: 1, max: 20 }) };
    let run = 0;
    await checkProperty(
      "rate limits keep their bound in four processes",
      fc.asyncProperty(rule, fc.record(calls), async (each, { calls: count, parallel }) => {
        run += 1;
        const passed = await race(workers, { rule: each, identity: `any-${run}`, calls: count, parallel });
        expect(passed.length).toBeGreaterThanOrEqual(Math.min(each.limit, count * processCount));
        expectWithinBound(each, passed);
      }),
      { runs: 12 },
    );
  });
});
