import fc from "fast-check";
import { describe, expect, inject, test } from "vitest";
import { manualClock } from "../src/clock.ts";
import { Misuse } from "../src/errors.ts";
import { createTestCore } from "../src/testing/index.ts";
import { countRoundTrips } from "./support/count-round-trips.ts";

const url = inject("redisUrl");

describe("ties", () => {
  for (const order of ["desc", "asc"] as const) {
    test(`the first to reach a score is first (${order}), at any magnitude`, async () => {
      await using harness = await createTestCore(url);
      const board = harness.core.leaderboard("arena", { order, update: "set" });
      const magnitudes = [0, 0.1, 1e15 + 0.5, 9e15, 1.5e21, Number.MAX_VALUE, Number.POSITIVE_INFINITY];
      for (const score of magnitudes) {
        for (const member of ["zoe", "ada", "mia"]) {
          await board.submit(`${member}-${score}`, score);
        }
      }
      const sorted = order === "desc" ? magnitudes.toReversed() : magnitudes;
      expect(await board.top(100)).toEqual(
        sorted
          .flatMap((score) => ["zoe", "ada", "mia"].map((member) => ({ member: `${member}-${score}`, score })))
          .map((entry, index) => ({ ...entry, rank: index + 1 })),
      );
    });
  }

  test("a score left and reached again is reached later; the same score again changes nothing", async () => {
    await using harness = await createTestCore(url);
    const board = harness.core.leaderboard("arena", { update: "set" });
    await board.submit("ada", 10);
    await board.submit("bo", 10);
    const { version } = await board.page();
    expect(await board.submit("ada", 10)).toMatchObject({ rank: 1, previousRank: 1, improved: false });
    expect((await board.page()).version).toBe(version);
    await board.submit("ada", 11);
    await board.submit("ada", 10);
    expect((await board.top(2)).map(({ member }) => member)).toEqual(["bo", "ada"]);
  });
});

describe("updates", () => {
  test("best keeps the better score in both orders", async () => {
    await using harness = await createTestCore(url);
    const high = harness.core.leaderboard("high", { update: "best" });
    const low = harness.core.leaderboard("low", { update: "best", order: "asc" });
    for (const score of [5, 9, 7]) {
      await high.submit("ada", score);
      await low.submit("ada", score);
    }
    expect(await high.get("ada")).toEqual({ score: 9, rank: 1 });
    expect(await low.get("ada")).toEqual({ score: 5, rank: 1 });
    expect(await high.submit("ada", 8)).toMatchObject({ score: 9, improved: false });
  });

  test("100 concurrent increments lose nothing, in every period, and each operation counts once", async () => {
    await using harness = await createTestCore(url);
    const board = harness.core.leaderboard("arena", {
      update: "increment",
      periods: ["day", "week", "season", "all"],
    });
    const season = { id: "7", endsAtMs: Date.now() + 60_000 };
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        board.submit("ada", 1, { operationId: `op-${index % 100}`, season }),
      ),
    );
    for (const period of ["day", "week", "season", "all"] as const) {
      expect(await board.get("ada", { period, season })).toEqual({ score: 100, rank: 1 });
    }
  });

  test("a repeated operation answers as the first time did, and an id may not serve two submits", async () => {
    await using harness = await createTestCore(url);
    const board = harness.core.leaderboard("arena", { update: "increment" });
    const first = await board.submit("ada", 5, { operationId: "a" });
    await board.submit("bo", 50);
    expect(await board.submit("ada", 5, { operationId: "a" })).toEqual(first);
    await expect(board.submit("ada", 6, { operationId: "a" })).rejects.toThrow(Misuse);
    expect(await board.get("ada")).toEqual({ score: 5, rank: 2 });
  });

  test("a repeat answers as the first time did when day and season have turned meanwhile", async () => {
    const clock = manualClock(Date.UTC(2030, 0, 1, 23));
    await using harness = await createTestCore(url, { clock });
    const periods = ["day", "season", "all"] as const;
    const board = harness.core.leaderboard("arena", { update: "increment", periods });
    const season = { id: "7", endsAtMs: clock.nowMs() + 1 };
    await board.submit("ada", 100);
    const first = await board.submit("ada", 5, { operationId: "a", season });
    expect(first).toMatchObject({ score: 105, periods: { day: { score: 105 }, season: { score: 5 } } });
    clock.advance(3_600_000);
    expect(await board.submit("ada", 5, { operationId: "a" })).toEqual(first);
    expect(await board.submit("ada", 5, { operationId: "a", season })).toEqual(first);
    expect(await board.get("ada")).toEqual({ score: 105, rank: 1 });
    expect((await board.get("ada", { period: "day" })).rank).toBeNull();
  });

  test("NaN and empty members are refused", async () => {
    await using harness = await createTestCore(url);
    const board = harness.core.leaderboard("arena", { update: "increment" });
    await expect(board.submit("ada", Number.NaN)).rejects.toThrow(Misuse);
    await expect(board.submit("ada", Number.POSITIVE_INFINITY)).rejects.toThrow(Misuse);
    await expect(board.submit("", 1)).rejects.toThrow(Misuse);
    expect(await harness.listKeys()).toEqual([]);
  });

  test("every double is read back as it was stored", async () => {
    await using harness = await createTestCore(url);
    const board = harness.core.leaderboard("arena", { update: "set" });
    const doubles = fc.oneof(
      fc.double({ noNaN: true }),
      fc.constantFrom(Number.MIN_VALUE, -Number.MAX_VALUE, Number.NEGATIVE_INFINITY, 1.5e21, 2 ** 53 + 2),
    );
    await fc.assert(
      fc.asyncProperty(doubles, async (score) => {
        expect((await board.submit("ada", score)).score).toBe(score === 0 ? 0 : score);
        expect((await board.get("ada")).score).toBe(score === 0 ? 0 : score);
      }),
      { numRuns: 100 },
    );
  });
});

describe("reading", () => {
  test("a member without a score has no rank and score 0", async () => {
    await using harness = await createTestCore(url);
    const board = harness.core.leaderboard("arena", { update: "set" });
    expect(await board.get("nobody")).toEqual({ rank: null, score: 0 });
    expect(await board.around("nobody", 3)).toEqual([]);
    expect(await board.percentile("nobody")).toBeNull();
    expect(await board.page()).toEqual({
      entries: [],
      total: 0,
      version: 0,
      nextCursor: null,
      previousCursor: null,
    });
  });

  test("competition rank gives equal scores the same rank everywhere", async () => {
    await using harness = await createTestCore(url);
    const board = harness.core.leaderboard("arena", { update: "set", rank: "competition" });
    for (const [member, score] of Object.entries({ a: 9, b: 9, c: 5, d: 5, e: 1 })) {
      await board.submit(member, score);
    }
    const ranks = { a: 1, b: 1, c: 3, d: 3, e: 5 };
    expect(Object.fromEntries((await board.top(9)).map(({ member, rank }) => [member, rank]))).toEqual(ranks);
    expect((await board.around("d", 1)).map(({ rank }) => rank)).toEqual([3, 3, 5]);
    expect((await board.get("d")).rank).toBe(3);
    expect((await board.submit("e", 5)).rank).toBe(3);
    expect((await board.among(["d", "nobody", "a"])).map(({ rank }) => rank)).toEqual([1, 3, null]);
    expect(await board.percentile("a")).toBe(75);
  });

  test("pages put together are the board, whatever happens at their borders", async () => {
    await using harness = await createTestCore(url);
    const board = harness.core.leaderboard("arena", { update: "set" });
    const scores = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 30 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(scores, fc.integer({ min: 1, max: 7 }), async (given, limit) => {
        run += 1;
        for (const [index, score] of given.entries()) {
          await board.submit(`${run}-${index}`, score);
        }
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page = await board.page({ cursor, limit });
          seen.push(...page.entries.map(({ member }) => member));
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(seen).toEqual((await board.top(1000)).map(({ member }) => member));
        for (const [index] of given.entries()) {
          await board.remove(`${run}-${index}`);
        }
      }),
      { numRuns: 20 },
    );
    await expect(board.page({ cursor: "7~nonsense" })).rejects.toThrow(Misuse);
  });

  test("a page goes on at its place when the last member shown has moved or is gone", async () => {
    await using harness = await createTestCore(url);
    const board = harness.core.leaderboard("arena", { update: "set" });
    for (const member of ["a", "b", "c", "d", "e", "f"]) {
      await board.submit(member, 5);
    }
    const first = await board.page({ limit: 3 });
    await board.remove("c");
    await board.submit("b", 9);
    const second = await board.page({ limit: 3, cursor: first.nextCursor });
    expect(second.entries.map(({ member }) => member)).toEqual(["d", "e", "f"]);
    expect(second.nextCursor).toBeNull();
    expect(second.total).toBe(5);
  });
});

describe("periods", () => {
  test("days and ISO weeks turn in UTC, and every key but the all-time board has a TTL", async () => {
    const clock = manualClock(Date.UTC(2026, 11, 31, 23, 59, 59, 999));
    await using harness = await createTestCore(url, { clock });
    const board = harness.core.leaderboard("arena", {
      update: "increment",
      periods: ["day", "week", "season", "all"],
    });
    const season = { id: "winter", endsAtMs: clock.nowMs() + 10_000_000 };
    await board.submit("ada", 1, { operationId: "x", season });
    expect(board.periodName({ period: "week" })).toBe("week~2026-W53");
    clock.advance(1);
    expect(board.periodName({ period: "day" })).toBe("day~2027-01-01");
    expect(board.periodName({ period: "week" })).toBe("week~2026-W53");
    const result = await board.submit("ada", 1, { season });
    expect(result.periods.day).toMatchObject({ score: 1, rank: 1, improved: true });
    expect(result.periods.week).toMatchObject({ score: 2 });
    expect(await board.get("ada", { period: "day", atMs: clock.nowMs() - 1 })).toEqual({ score: 1, rank: 1 });
    expect((await board.submit("bo", 1)).periods.season).toBeUndefined();
    const permanent = await harness.listPermanentKeys();
    expect(permanent.every((key) => key.endsWith(":all"))).toBe(true);
    expect(permanent).toHaveLength(2);
  });

  test("the server's day counts, however wrong the process's clock is", async () => {
    await using harness = await createTestCore(url);
    const lagging = { overrideMs: () => null, nowMs: () => Date.now() - 3 * 86_400_000 };
    await using other = await createTestCore(url, { clock: lagging, prefix: harness.prefix });
    const board = harness.core.leaderboard("arena", { update: "increment", periods: ["day"] });
    const wrong = other.core.leaderboard("arena", { update: "increment", periods: ["day"] });
    await board.submit("ada", 1);
    await wrong.submit("ada", 1);
    expect(await board.get("ada")).toEqual({ score: 2, rank: 1 });
    expect(await wrong.get("ada")).toEqual({ score: 2, rank: 1 });
  });
});

test("rebuild replaces a period, keeps the given order among ties, and later submits come after", async () => {
  await using harness = await createTestCore(url);
  const board = harness.core.leaderboard("arena", { update: "set" });
  await board.submit("old", 1);
  const before = await board.page();
  const entries = Array.from({ length: 2_500 }, (_, index) => ({ member: `m${index}`, score: index % 2 }));
  expect(await board.rebuild(entries)).toBe(2_500);
  const after = await board.page({ limit: 2 });
  expect(after.version).toBeGreaterThan(before.version);
  expect(after.total).toBe(2_500);
  expect(after.entries.map(({ member }) => member)).toEqual(["m1", "m3"]);
  expect((await board.submit("late", 1)).rank).toBe(1_251);
  expect((await board.get("old")).rank).toBeNull();
  expect((await harness.listKeys()).filter((key) => key.includes("staging"))).toEqual([]);
  expect(await board.rebuild([])).toBe(0);
  expect((await board.page()).total).toBe(0);
});

test("watchers of another process hear of the periods that changed, with their versions", async () => {
  await using harness = await createTestCore(url);
  await using other = await createTestCore(url, { prefix: harness.prefix });
  const options = { update: "best", periods: ["all"] } as const;
  const heard: Readonly<Record<string, number>>[] = [];
  const both = Promise.withResolvers<void>();
  await other.core.leaderboard("arena", options).watch({
    onChange: ({ versions }) => {
      heard.push(versions);
      if (heard.length === 2) {
        both.resolve();
      }
    },
  });
  const board = harness.core.leaderboard("arena", options);
  await board.submit("ada", 5);
  await board.submit("ada", 4);
  await board.submit("ada", 6);
  await both.promise;
  expect(heard).toEqual([{ all: 1 }, { all: 2 }]);
});

test("a submit to four periods is one round trip", async () => {
  await using harness = await createTestCore(url);
  const periods = ["day", "week", "season", "all"] as const;
  const board = harness.core.leaderboard("arena", { update: "set", periods });
  const season = { id: "7", endsAtMs: Date.now() + 60_000 };
  expect(await countRoundTrips(harness.redis.port, () => board.submit("ada", 1, { season }))).toBe(1);
});
