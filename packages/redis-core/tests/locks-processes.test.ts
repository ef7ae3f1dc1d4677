import { createTestCore } from "@cardinal/redis-core/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { randomHex } from "../src/random.ts";
import { checkProperty } from "./support/check-property.ts";
import { eventually } from "./support/eventually.ts";
import { FencedNumber } from "./support/fenced-number.ts";
import type { LockTask, StoreRequest } from "./support/lock-worker.ts";
import { startWorkers, type Workers } from "./support/start-workers.ts";

const url = inject("redisUrl");

interface Stop {
  readonly victim: number;
  readonly afterMs: number;
  readonly forMs: number;
}

const seed = fc.noShrink(fc.integer());
const leaseMs = 200;
const longestMs = 30_000 * Math.max(1, Number(process.env["PROPERTY_RUNS"] ?? 1));
/** Each stop is longer than the lease. */
const stops = fc.noShrink(
  fc.array(
    fc.record({
      victim: fc.integer({ min: 0, max: 3 }),
      afterMs: fc.integer({ min: 0, max: 150 }),
      forMs: fc.integer({ min: 220, max: 450 }),
    }),
    { minLength: 3, maxLength: 5 },
  ),
);

describe("four processes on one lock", () => {
  let test: Awaited<ReturnType<typeof createTestCore>>;
  let workers: Workers;

  beforeAll(async () => {
    test = await createTestCore(url);
    workers = await startWorkers("lock-worker.ts", 4, url, test.prefix);
  });

  afterAll(async () => {
    await workers[Symbol.asyncDispose]();
    await test[Symbol.asyncDispose]();
  });

  /** Lets all work on a number until `updates` are in and the stops are over. */
  async function race(
    task: Omit<LockTask, "lock">,
    updates: number,
    stopping: readonly Stop[] = [],
  ): Promise<FencedNumber> {
    const store = new FencedNumber();
    const lock = `account-${randomHex(4)}`;
    const listeners = workers.all.map(({ process }, index) => {
      const listener = (request: StoreRequest) => process.send(store.answer(request));
      process.on("message", listener);
      process.send({ ...task, lock, seed: task.seed + index });
      return () => process.off("message", listener);
    });
    for (const { victim, afterMs, forMs } of stopping) {
      const process = workers.all[victim]?.process;
      await pause(afterMs);
      process?.kill("SIGSTOP");
      await pause(forMs);
      process?.kill("SIGCONT");
    }
    await eventually(() => expect(store.accepted).toBeGreaterThanOrEqual(updates));
    workers.all.forEach(({ process }) => process.send("end"));
    await eventually(() => expect(store.ended).toBe(workers.all.length));
    listeners.forEach((off) => off());
    return store;
  }

  const task = { kind: "ours" } as const;

  it("never hold it at the same time, renewed while they work (C2)", async () => {
    const property = fc.asyncProperty(seed, async (from) => {
      const store = await race({ ...task, leaseMs: 1_000, seed: from, workMs: { least: 0, most: 500 } }, 6);
      expect(store.overlaps).toBe(0);
      expect(store.refused).toBe(0);
      expect(store.lostUpdates).toBe(0);
    });
    await checkProperty("locks exclude", property, { runs: 2 });
  }, longestMs);

  it("lose no update although holders are stopped past their lease (F6, C2)", async () => {
    const property = fc.asyncProperty(seed, stops, async (from, stopping) => {
      const store = await race({ ...task, leaseMs, seed: from, workMs: { least: 50, most: 300 } }, 5, stopping);
      expect(store.fences).toEqual(store.fences.toSorted((a, b) => Number(a - b)));
      expect(store.lostUpdates).toBe(0);
    });
    await checkProperty("fenced writes lose no update", property, { runs: 2 });
  }, longestMs);

  it.each([
    { kind: "naive", loses: true },
    { kind: "ours", loses: false },
  ] as const)("lose updates of work that outlasts the lease where it is not renewed: $kind $loses (F6)", async ({ kind, loses }) => {
    const store = await race({ kind, leaseMs, seed: 1, workMs: { least: 260, most: 300 } }, 5);
    expect(store.lostUpdates > 0).toBe(loses);
  });
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
