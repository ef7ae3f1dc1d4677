import { startCluster } from "@cardinal/dev";
import fc from "fast-check";
import { describe, expect, inject, test } from "vitest";
import { manualClock } from "../src/clock.ts";
import { readCounters } from "../src/counter/index.ts";
import { Misuse } from "../src/errors.ts";
import { createTestCore } from "../src/testing/index.ts";
import { checkProperty } from "./support/check-property.ts";
import { countRoundTrips } from "./support/count-round-trips.ts";

const url = inject("redisUrl");
const hour = 3_600_000;

describe("trending", () => {
  test("weighs an amount half after each half-life, and ranks what is counted now first", async () => {
    const clock = manualClock();
    await using harness = await createTestCore(url, { clock });
    const views = harness.core.counter("views", { trending: { halfLife: "1h" } });
    await views.increment("old", { by: 8 });
    clock.advance(3 * hour);
    await views.increment("new", { by: 3 });
    await views.increment("old");
    const trend = await views.trending(2);
    expect(trend.map(({ item }) => item)).toEqual(["new", "old"]);
    expect(trend[0]?.weight).toBeCloseTo(3, 9);
    expect(trend[1]?.weight).toBeCloseTo(2, 9);
    clock.advance(hour);
    expect((await views.trending(1))[0]?.weight).toBeCloseTo(1.5, 9);
    expect((await views.top(1))[0]).toEqual({ item: "old", count: 9 });
    await views.decrement("new", { by: 5 });
    expect((await views.trending(9)).map(({ item }) => item)).toEqual(["old"]);
    expect(await harness.listPermanentKeys()).toEqual([]);
  });

  test("says what the sum of all decayed amounts says, whatever the times", async () => {
    const clock = manualClock();
    await using harness = await createTestCore(url, { clock });
    const halfLifeMs = 60_000;
    let run = 0;
    const increment = fc.record({
      item: fc.constantFrom("a", "b", "c"),
      by: fc.integer({ min: 1, max: 9 }),
      afterMs: fc.oneof(fc.nat({ max: 200_000 }), fc.constant(900_000)),
    });
    await checkProperty(
      "trending",
      fc.asyncProperty(fc.array(increment, { minLength: 1, maxLength: 30 }), async (increments) => {
        run += 1;
        const views = harness.core.counter(`views-${run}`, { trending: { halfLife: halfLifeMs } });
        const given: { item: string; by: number; atMs: number }[] = [];
        for (const { item, by, afterMs } of increments) {
          clock.advance(afterMs);
          given.push({ item, by, atMs: clock.nowMs() });
          await views.increment(item, { by });
        }
        const weights = new Map<string, number>();
        for (const { item, by, atMs } of given) {
          const weight = by * 2 ** ((atMs - clock.nowMs()) / halfLifeMs);
          weights.set(item, (weights.get(item) ?? 0) + weight);
        }
        const trend = await views.trending(10);
        for (const { item, weight } of trend) {
          expect(weight / (weights.get(item) ?? Number.NaN)).toBeCloseTo(1, 7);
        }
        const sorted = trend.map(({ weight }) => weight).toSorted((a, b) => b - a);
        expect(trend.map(({ weight }) => weight)).toEqual(sorted);
        // What is missing weighs next to nothing.
        const missing = [...weights].filter(([item]) => !trend.some((found) => found.item === item));
        expect(missing.filter(([, weight]) => weight > 2 ** -19)).toEqual([]);
      }),
      { runs: 30 },
    );
  });

  test("goes on for years without a rescan, and keeps as many items as the counter", async () => {
    const clock = manualClock();
    await using harness = await createTestCore(url, { clock });
    const views = harness.core.counter("views", { trending: { halfLife: "1m" }, maxItems: 3, keep: "3650d" });
    for (let year = 0; year < 10; year += 1) {
      await views.increment("evergreen");
      await views.increment(`of-year-${year}`);
      clock.advance(365 * 24 * hour);
    }
    await views.increment("evergreen");
    const [first, ...others] = await views.trending(10);
    expect(first?.item).toBe("evergreen");
    expect(first?.weight).toBeCloseTo(1, 7);
    expect(others.map(({ weight }) => weight)).toEqual(others.map(() => 0));
    for (const item of ["p", "q", "r", "s"]) {
      await views.increment(item, { by: 2 });
    }
    expect((await views.trending(10)).length).toBe(3);
    await expect(harness.core.counter("plain").trending(1)).rejects.toThrow(Misuse);
  });
});

describe("forgetting", () => {
  test("an item that was not counted for the time is gone from everything, and starts from 0", async () => {
    const clock = manualClock();
    await using harness = await createTestCore(url, { clock });
    const options = { forget: "1h", trending: { halfLife: "1d" }, dedupe: 0 } as const;
    const views = harness.core.counter("views", options);
    await views.increment("a", { by: 5 });
    await views.increment("b", { by: 3 });
    clock.advance(hour - 1);
    await views.increment("b");
    expect(await views.get(["a", "b"])).toEqual(new Map([["a", 5], ["b", 4]]));
    clock.advance(1);
    expect(await views.get(["a", "b", "c"])).toEqual(new Map([["a", 0], ["b", 4], ["c", 0]]));
    expect(await views.top(10)).toEqual([{ item: "b", count: 4 }]);
    expect((await views.trending(10)).map(({ item }) => item)).toEqual(["b"]);
    expect(await views.increment("a")).toBe(1);
    expect(await harness.listPermanentKeys()).toEqual([]);
  });

  test("is done bit by bit by those who count, and hides the rest from those who read", async () => {
    const clock = manualClock();
    await using harness = await createTestCore(url, { clock });
    const views = harness.core.counter("views", { forget: "1h" });
    await Promise.all(Array.from({ length: 100 }, (_, index) => views.increment(`old-${index}`, { by: 9 })));
    clock.advance(hour);
    await views.increment("new");
    expect(await views.top(5)).toEqual([{ item: "new", count: 1 }]);
    const key = harness.core.keys.counter.values("views");
    expect(await harness.redis.port.command("ZCARD", [key], [])).toBe(91);
    for (let index = 0; index < 9; index += 1) {
      await views.increment("new");
    }
    expect(await harness.redis.port.command("ZCARD", [key], [])).toBe(1);
  });

  test("keeps the bound on items too", async () => {
    await using harness = await createTestCore(url);
    const views = harness.core.counter("views", { forget: "1h", maxItems: 3 });
    for (const [index, item] of ["a", "b", "c", "d", "e"].entries()) {
      await views.increment(item, { by: 10 + index });
    }
    expect((await views.top(10)).map(({ item }) => item)).toEqual(["e", "d", "c"]);
    const { touched } = harness.core.keys.counter;
    expect(await harness.redis.port.command("ZCARD", [touched("views")], [])).toBe(3);
  });
});

test("a full counter makes room for newcomers, and one that grows past the lowest stays", async () => {
  await using harness = await createTestCore(url);
  const views = harness.core.counter("views", { maxItems: 100, writeBehind: true });
  await Promise.all(Array.from({ length: 100 }, (_, index) => views.increment(`old-${index}`, { by: 5 })));
  for (let count = 1; count <= 30; count += 1) {
    expect(await views.increment("newcomer")).toBe(count);
    await views.increment(`other-${count}`);
  }
  const items = await views.top(200);
  expect(items.length).toBeGreaterThan(85);
  expect(items.length).toBeLessThanOrEqual(100);
  expect(items[0]).toEqual({ item: "newcomer", count: 30 });
  // What is waiting for the database is never cut.
  expect((await views.flush(() => {})).items).toBe(131);
});

describe("taking away", () => {
  test("a viewer takes back what he counted, once; others change nothing", async () => {
    const clock = manualClock();
    await using harness = await createTestCore(url, { clock });
    const likes = harness.core.counter("likes", { dedupe: "1h" });
    expect(await likes.increment("post", { viewer: "ada" })).toBe(1);
    expect(await likes.increment("post", { viewer: "bo" })).toBe(2);
    expect(await likes.decrement("post", { viewer: "cy" })).toBe(2);
    expect(await likes.decrement("post", { viewer: "ada" })).toBe(1);
    expect(await likes.decrement("post", { viewer: "ada" })).toBe(1);
    expect(await likes.increment("post", { viewer: "ada" })).toBe(2);
    clock.advance(hour);
    expect(await likes.decrement("post", { viewer: "ada" })).toBe(2);
    expect(await likes.decrement("post", { by: 5 })).toBe(-3);
  });

  test("an operation counts once, and its id may not serve another", async () => {
    await using harness = await createTestCore(url);
    const likes = harness.core.counter("likes");
    expect(await likes.decrement("a b\nc", { by: 2, operationId: "1" })).toBe(-2);
    expect(await likes.decrement("a b\nc", { by: 2, operationId: "1" })).toBe(-2);
    await expect(likes.increment("a b\nc", { by: 2, operationId: "1" })).rejects.toThrow(Misuse);
    await expect(likes.decrement("d", { by: 2, operationId: "1" })).rejects.toThrow(Misuse);
    expect(await likes.get(["a b\nc", "d"])).toEqual(new Map([["a b\nc", -2], ["d", 0]]));
  });
});

test("several counters are read in one round trip", async () => {
  await using harness = await createTestCore(url);
  const views = harness.core.counter("views");
  const likes = harness.core.counter("likes");
  await views.increment("a", { by: 7 });
  await likes.increment("b", { by: 2 });
  let counts = new Map<string, { views: number; likes: number }>();
  const trips = await countRoundTrips(harness.redis.port, async () => {
    counts = await readCounters({ views, likes }, ["a", "b", "c"]);
  });
  expect(trips).toBe(1);
  expect(Object.fromEntries(counts)).toEqual({
    a: { views: 7, likes: 0 },
    b: { views: 0, likes: 2 },
    c: { views: 0, likes: 0 },
  });
  const active = harness.core.counter("active", { forget: "1h" });
  await active.increment("b");
  expect((await readCounters({ views, active }, ["b"])).get("b")).toEqual({ views: 0, active: 1 });
  expect(await readCounters({ views }, [])).toEqual(new Map());
  await using other = await createTestCore(url);
  await expect(readCounters({ views, other: other.core.counter("x") }, ["a"])).rejects.toThrow(Misuse);
});

test("every method is one round trip, and increments of one turn leave together", async () => {
  await using harness = await createTestCore(url);
  for (const options of [{}, { forget: "1d", trending: { halfLife: "1h" }, writeBehind: true } as const]) {
    const views = harness.core.counter(`views-${Object.keys(options).length}`, options);
    const trips = (work: () => Promise<unknown>) => countRoundTrips(harness.redis.port, work);
    expect(await trips(() => views.increment("a", { viewer: "ada", operationId: "1" }))).toBe(1);
    expect(await trips(() => views.decrement("a", { viewer: "ada" }))).toBe(1);
    expect(await trips(() => Promise.all(["a", "b", "c"].map((item) => views.increment(item))))).toBe(1);
    expect(await trips(() => views.get(["a", "b"]))).toBe(1);
    expect(await trips(() => views.top(10))).toBe(1);
    expect(await trips(() => views.load([["z", 1]]))).toBe(1);
  }
  const views = harness.core.counter("views-3", { trending: { halfLife: "1h" } });
  expect(await countRoundTrips(harness.redis.port, () => views.trending(10))).toBe(1);
});

test("items and viewers are any text, and what is none is refused", async () => {
  await using harness = await createTestCore(url);
  const views = harness.core.counter("vi{e}ws:*", { writeBehind: true, trending: { halfLife: "1h" } });
  const items = ["{x}", "a:b", " ", "\n", "é".repeat(512), "0", "5 x", '"'];
  for (const item of items) {
    expect(await views.increment(item, { viewer: "v".repeat(10_240), operationId: item })).toBe(1);
  }
  expect([...(await views.get(items)).values()]).toEqual(items.map(() => 1));
  for (const item of ["", "x".repeat(10_240), "é".repeat(513), "\ud800"]) {
    await expect(views.increment(item)).rejects.toThrow(Misuse);
  }
  await expect(views.increment("a", { by: 2 ** 53 })).rejects.toThrow(Misuse);
  await expect(views.increment("a", { viewer: "" })).rejects.toThrow(Misuse);
  await expect(views.get(Array.from({ length: 5_001 }, (_, index) => `i${index}`))).rejects.toThrow(Misuse);
  expect(() => harness.core.counter("x", { trending: { halfLife: 0 } })).toThrow(Misuse);
  expect(await views.increment("a", { by: -0 })).toBe(0);
});

test("on a Cluster boards and counters of many names work as on one node", async () => {
  const cluster = await startCluster({ masters: 3 });
  const clusterUrl = `redis+cluster://${cluster.nodes.map(({ host, port }) => `${host}:${port}`).join(",")}`;
  try {
    await using harness = await createTestCore(clusterUrl);
    const { core } = harness;
    const names = ["one", "two", "three", "four", "five"];
    const over = { id: "0", endsAtMs: Date.now() - 1 };
    await Promise.all(
      names.map(async (name) => {
        const board = core.leaderboard(name, {
          update: "increment",
          rank: "dense",
          periods: ["day", "week", "month", "season", "all"],
          metadata: String,
          maxMembers: 2,
        });
        const season = { id: "1", endsAtMs: Date.now() + hour };
        for (const [index, member] of ["ada", "bo", "cy"].entries()) {
          await board.submit(member, index, { operationId: member, season, metadata: name });
        }
        expect((await board.top(5, { period: "season", season })).map(({ member }) => member)).toEqual(["cy", "bo"]);
        expect((await board.around("bo", 1, { period: "day" })).length).toBe(2);
        const { nextCursor } = await board.page({ limit: 1 });
        expect((await board.page({ cursor: nextCursor })).entries[0]?.member).toBe("bo");
        expect(await board.percentile("cy")).toBe(100);
        expect(await board.histogram({ buckets: 2 })).toHaveLength(2);
        expect(await board.remove("bo")).toBe(true);
        expect(await board.rebuild([{ member: "di", score: 1 }])).toBe(1);
        const finalized = await board.finalize({ period: "season", season: over }, () => {});
        expect(finalized.state).toBe("finalized");
        expect(await board.archive({ period: "season", season: over })).toMatchObject({ total: 0 });
        const options = { trending: { halfLife: "1h" }, forget: "1d", writeBehind: true } as const;
        const views = core.counter(name, options);
        await views.increment("post", { viewer: "ada", operationId: "1" });
        await views.decrement("post", { viewer: "ada" });
        await views.increment("post", { by: 3 });
        expect((await views.top(1))[0]?.count).toBe(3);
        expect((await views.trending(1))[0]?.item).toBe("post");
        const flushed = await views.flush(({ counts }) => expect(counts.get("post")).toBe(3));
        expect(flushed.items).toBe(1);
        await views.load([["other", 9]]);
      }),
    );
    const counters = Object.fromEntries(names.map((name) => [`${name}-plain`, core.counter(`${name}-plain`)]));
    await Promise.all(Object.values(counters).map((counter) => counter.increment("post", { by: 2 })));
    const counts = (await readCounters(counters, ["post"])).get("post");
    expect(Object.values(counts ?? {})).toEqual(names.map(() => 2));
    const permanent = await harness.listPermanentKeys();
    expect(permanent.filter((key) => !key.endsWith(":all"))).toEqual([]);
  } finally {
    await cluster.stop();
  }
}, 60_000);
