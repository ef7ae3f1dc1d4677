import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  concurrency,
  fixedWindow,
  type LimitRule,
  slidingWindow,
  slidingWindowLog,
  tokenBucket,
} from "../src/rate-limit/index.ts";
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
    const logs = (await test.listKeys()).filter((key) => key.includes("sliding-window-log"));
    for (const key of logs) {
      expect(await test.redis.port.command("ZCARD", [key], [])).toBe(100);
    }
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("keep a sliding log's and a bucket's bound at every moment, by Redis' time (C1)", async () => {
    const windowMs = 150;
    const limit = 20;
    const log = { rule: slidingWindowLog(limit, windowMs), identity: "log", calls: 2_000, parallel: 10 };
    const logged = await race(workers, log);
    expect(logged.length).toBeGreaterThan(limit);
    for (const [index, atMs] of logged.entries()) {
      const next = logged[index + limit];
      expect(next === undefined || next - atMs >= windowMs, `${limit + 1} within ${windowMs} ms`).toBe(true);
    }
    const bucket = { ...log, rule: tokenBucket({ rate: 100, per: "1s", burst: limit }), identity: "bucket" };
    const taken = await race(workers, bucket);
    expect(taken.length).toBeGreaterThan(limit);
    const excess = taken.flatMap((fromMs, from) =>
      taken.slice(from).map((toMs, more) => more + 1 - limit - (toMs - fromMs) / 10),
    );
    expect(Math.max(...excess)).toBeLessThanOrEqual(1e-9);
  });
});
