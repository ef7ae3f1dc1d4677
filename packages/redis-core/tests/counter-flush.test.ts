import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { manualClock } from "../src/clock.ts";
import { Misuse } from "../src/errors.ts";
import { createTestCore } from "../src/testing/index.ts";
import { countRoundTrips } from "./support/count-round-trips.ts";
import { openEffects } from "./support/effects-database.ts";
import type { FlushStep, FlushTask } from "./support/flush-worker.ts";
import { startWorkers } from "./support/start-workers.ts";

const url = inject("redisUrl");

test("flushers that are killed at every step lose nothing and count nothing twice", async () => {
  await using harness = await createTestCore(url);
  const folder = await mkdtemp(join(tmpdir(), "cardinal-flush-"));
  const path = join(folder, "effects.db");
  const effects = openEffects(path);
  onTestFinished(async () => {
    effects.close();
    await rm(folder, { recursive: true });
  });
  const views = harness.core.counter("views", { writeBehind: true });
  const expected = new Map<string, number>();
  const count = async (calls: number) => {
    await Promise.all(
      Array.from({ length: calls }, async (_, index) => {
        const item = `post-${index % 40}`;
        const by = (index % 5) - 1 || 1;
        expected.set(item, (expected.get(item) ?? 0) + by);
        await views.increment(item, { by });
      }),
    );
  };
  const steps: readonly FlushStep[] = ["claimed", "before-commit", "committed", "acknowledged"];
  const deaths: readonly FlushTask[] = [
    ...steps.map((standStillAt) => ({ standStillAt })),
    { standStillAt: "before-commit", after: 2 },
  ];
  await using workers = await startWorkers("flush-worker.ts", deaths.length + 2, url, harness.prefix, path);
  for (const [index, death] of deaths.entries()) {
    await count(120);
    const worker = workers.all[index];
    const [stoodAt] = await Promise.all([worker?.ask<FlushStep | number>(death), count(60)]);
    expect(stoodAt).toBe(death.standStillAt);
    worker?.process.kill("SIGKILL");
  }
  await Promise.all(workers.all.slice(-2).map((worker) => worker.ask<number>({})));
  const totals = new Map([...effects.listTotals()].filter(([, total]) => total !== 0));
  expect(totals).toEqual(new Map([...expected].filter(([, total]) => total !== 0)));
  expect(await views.get([...expected.keys()])).toEqual(expected);
  expect(await harness.listPermanentKeys()).toEqual([]);
}, 90_000);

describe("flush", () => {
  const setUp = async () => {
    const clock = manualClock();
    const harness = await createTestCore(url, { clock });
    onTestFinished(() => harness[Symbol.asyncDispose]());
    return { clock, harness, views: harness.core.counter("views", { writeBehind: true }) };
  };

  test("hands out what was counted since the last one, in batches, two round trips each", async () => {
    const { harness, views } = await setUp();
    for (const item of ["a", "b", "c", "{d}", "e\n"]) {
      await views.increment(item, { by: 3 });
    }
    await views.decrement("a", { by: 5 });
    // Nothing in sum: nothing to flush.
    await views.decrement("b", { by: 3 });
    const seen = new Map<string, number>();
    const numbers: number[] = [];
    const trips = await countRoundTrips(harness.redis.port, async () => {
      const result = await views.flush(
        ({ counter, number, counts, isRepeated }) => {
          expect([counter, isRepeated]).toEqual(["views", false]);
          numbers.push(number);
          counts.forEach((by, item) => seen.set(item, by));
        },
        { batch: 3 },
      );
      expect(result).toEqual({ claims: 2, items: 4, busyUntilMs: null });
    });
    expect(trips).toBe(4);
    expect(seen).toEqual(new Map(Object.entries({ a: -2, c: 3, "{d}": 3, "e\n": 3 })));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(await views.flush(() => expect.unreachable())).toEqual({ claims: 0, items: 0, busyUntilMs: null });
    expect((await views.get(["a"])).get("a")).toBe(-2);
  });

  test("gives a claim that was not acknowledged to the next one, with its number, and to nobody before", async () => {
    const { clock, views } = await setUp();
    await views.increment("a");
    const numbers: number[] = [];
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const slow = views.flush(async ({ number }) => {
      numbers.push(number);
      entered.resolve();
      await gate.promise;
    });
    await entered.promise;
    await views.increment("a");
    expect((await views.flush(() => expect.unreachable())).busyUntilMs).toBe(clock.nowMs() + 30_000);
    clock.advance(30_000);
    const seen: [number, number | undefined, boolean][] = [];
    const dying = views.flush(async ({ number, counts, isRepeated }) => {
      seen.push([number, counts.get("a"), isRepeated]);
      if (!isRepeated) {
        // The slow one wakes: its acknowledgement must not touch the claim that came after.
        gate.resolve();
        expect(await slow).toMatchObject({ claims: 1 });
        throw new Error("died");
      }
    });
    await expect(dying).rejects.toThrow("died");
    await views.flush(({ number, counts, isRepeated }) => {
      seen.push([number, counts.get("a"), isRepeated]);
    });
    const [first = 0] = numbers;
    const second = seen[1]?.[0] ?? 0;
    expect(second).toBeGreaterThan(first);
    expect(seen).toEqual([
      [first, 1, true],
      [second, 1, false],
      [second, 1, true],
    ]);
  });

  test("leaves a failed claim to the next flush at once, also when the clock went back", async () => {
    const { clock, views } = await setUp();
    await views.increment("a", { by: 2 });
    const numbers: number[] = [];
    const failing = views.flush(({ number }) => {
      numbers.push(number);
      throw new Error("disk full");
    });
    await expect(failing).rejects.toThrow("disk full");
    await views.flush(({ number }) => void numbers.push(number));
    clock.advance(-3_600_000);
    await views.increment("a");
    await views.flush(({ number, counts }) => {
      numbers.push(number);
      expect(counts).toEqual(new Map([["a", 1]]));
    });
    const [first = 0, again, next] = numbers;
    expect(again).toBe(first);
    expect(next).toBe(first + 1);
  });

  test("is refused for counters that keep nothing back, and for batches without bound", async () => {
    const { harness, views } = await setUp();
    await expect(harness.core.counter("other").flush(() => {})).rejects.toThrow(Misuse);
    await expect(views.flush(() => {}, { batch: 5_001 })).rejects.toThrow(Misuse);
    await expect(views.flush(() => {}, { signal: AbortSignal.abort(new Error("stop")) })).rejects.toThrow("stop");
  });
});

test("an emptied Redis is filled from the database, what was counted meanwhile on top", async () => {
  await using harness = await createTestCore(url);
  const views = harness.core.counter("views", { writeBehind: true, forget: "1d", maxItems: 2_600 });
  await views.increment("post-7", { by: 5 });
  const stored = Array.from({ length: 2_500 }, (_, index): [string, number] => [`post-${index}`, index]);
  await views.load(stored);
  expect(await views.top(2)).toEqual([
    { item: "post-2499", count: 2_499 },
    { item: "post-2498", count: 2_498 },
  ]);
  expect(await views.get(["post-7", "post-8"])).toEqual(new Map([["post-7", 12], ["post-8", 8]]));
  await expect(views.load([["x", 0.5]])).rejects.toThrow(Misuse);
  expect(await harness.listPermanentKeys()).toEqual([]);
});
