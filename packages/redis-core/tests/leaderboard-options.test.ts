import { startRedis } from "@cardinal/dev";
import { describe, expect, expectTypeOf, inject, test } from "vitest";
import { manualClock } from "../src/clock.ts";
import { Misuse } from "../src/errors.ts";
import type { Leaderboard, PeriodKind } from "../src/leaderboard/index.ts";
import { SchemaMismatch } from "../src/schema.ts";
import { createTestCore } from "../src/testing/index.ts";
import { countRoundTrips } from "./support/count-round-trips.ts";

const url = inject("redisUrl");
const day = 86_400_000;

async function submitAll(board: Leaderboard, scores: Readonly<Record<string, number>>): Promise<void> {
  for (const [member, score] of Object.entries(scores)) {
    await board.submit(member, score);
  }
}

describe("dense ranks", () => {
  for (const order of ["desc", "asc"] as const) {
    test(`do not skip, wherever they are read (${order})`, async () => {
      await using harness = await createTestCore(url);
      const board = harness.core.leaderboard("arena", { update: "set", order, rank: "dense" });
      const flip = order === "desc" ? 1 : -1;
      await submitAll(board, { a: 9 * flip, b: 9 * flip, c: 5 * flip, d: 5 * flip, e: -0.5 * flip });
      const ranks = { a: 1, b: 1, c: 2, d: 2, e: 3 };
      const rankOf = async (member: string) => (await board.get(member)).rank;
      expect(Object.fromEntries((await board.top(9)).map(({ member, rank }) => [member, rank]))).toEqual(ranks);
      expect((await board.around("d", 1)).map(({ rank }) => rank)).toEqual([2, 2, 3]);
      const { nextCursor } = await board.page({ limit: 3 });
      expect((await board.page({ cursor: nextCursor })).entries.map(({ rank }) => rank)).toEqual([2, 3]);
      expect((await board.among(["e", "x", "a"])).map(({ rank }) => rank)).toEqual([1, 3, null]);
      // The last on a score takes it along: those below move up.
      expect((await board.submit("c", 9 * flip)).rank).toBe(1);
      expect((await board.submit("d", 9 * flip)).rank).toBe(1);
      expect(await rankOf("e")).toBe(2);
      for (const member of ["a", "b", "c", "d"]) {
        await board.remove(member);
      }
      expect(await rankOf("e")).toBe(1);
      await board.rebuild([
        { member: "x", score: Number.POSITIVE_INFINITY * flip },
        { member: "y", score: 1.5e21 * flip },
        { member: "z", score: 1.5e21 * flip },
      ]);
      expect((await board.top(9)).map(({ rank }) => rank)).toEqual([1, 2, 2]);
      expect((await board.submit("z", 1e300 * flip)).rank).toBe(2);
      expect(await rankOf("y")).toBe(3);
    });
  }
});

describe("a bound on members", () => {
  test("drops the last of them with all that is his, and tells a newcomer who is the last", async () => {
    await using harness = await createTestCore(url);
    const options = { update: "increment", rank: "dense", maxMembers: 3, metadata: Number } as const;
    const board = harness.core.leaderboard("arena", options);
    for (const [index, member] of ["a", "b", "c"].entries()) {
      await board.submit(member, 10, { metadata: index });
    }
    // The same score, but later.
    expect(await board.submit("d", 10, { metadata: 3 })).toMatchObject({ rank: null, score: 0 });
    expect(await board.submit("e", 11, { metadata: 4 })).toMatchObject({ rank: 1, score: 11 });
    expect((await board.top(9)).map(({ member, metadata }) => [member, metadata])).toEqual([
      ["e", 4],
      ["a", 0],
      ["b", 1],
    ]);
    expect(await board.get("c")).toEqual({ rank: null, score: 0 });
    // What he had is gone, so he begins anew.
    expect(await board.submit("c", 12)).toMatchObject({ score: 12, rank: 1, previousRank: null });
    const { places, metadata } = harness.core.keys.leaderboard;
    expect(await harness.redis.port.command("HLEN", [places("arena", "all")], [])).toBe(4);
    expect(await harness.redis.port.command("HLEN", [metadata("arena", "all")], [])).toBe(2);
    expect(() => harness.core.leaderboard("arena", { update: "set", maxMembers: 0 })).toThrow(Misuse);
  });

  test("keeps the lowest where the lowest is first", async () => {
    await using harness = await createTestCore(url);
    const board = harness.core.leaderboard("laps", { update: "best", order: "asc", maxMembers: 2 });
    await submitAll(board, { a: 30, b: 20, c: 25, d: 31 });
    expect((await board.top(9)).map(({ member }) => member)).toEqual(["b", "c"]);
  });
});

describe("metadata", () => {
  test("is typed, checked, in every reading, and goes with the member", async () => {
    await using harness = await createTestCore(url);
    const clan = (value: unknown) => {
      if (typeof value !== "object" || value === null || !("clan" in value) || typeof value.clan !== "string") {
        throw new Error("a clan is missing");
      }
      return { clan: value.clan };
    };
    const board = harness.core.leaderboard("arena", { update: "increment", metadata: clan });
    await board.submit("ada", 5, { metadata: { clan: "nörd" } });
    await board.submit("bo", 5);
    const [first] = await board.top(2);
    expectTypeOf(first).toEqualTypeOf<
      { readonly member: string; readonly score: number; readonly rank: number; readonly metadata?: { clan: string } | undefined } | undefined
    >();
    expect(await board.top(2)).toEqual([
      { member: "ada", score: 5, rank: 1, metadata: { clan: "nörd" } },
      { member: "bo", score: 5, rank: 2, metadata: undefined },
    ]);
    expect((await board.get("ada")).metadata).toEqual({ clan: "nörd" });
    expect((await board.among(["bo", "ada"])).map(({ metadata }) => metadata)).toEqual([{ clan: "nörd" }, undefined]);
    const { version } = await board.page();
    await board.submit("ada", 0, { metadata: { clan: "south" } });
    expect((await board.page()).version).toBe(version + 1);
    await board.submit("ada", 0, { metadata: { clan: "south" } });
    expect((await board.page()).version).toBe(version + 1);
    await board.submit("ada", 1);
    expect((await board.around("ada", 0))[0]?.metadata).toEqual({ clan: "south" });
    await board.remove("ada");
    await board.submit("ada", 1);
    expect((await board.get("ada")).metadata).toBeUndefined();
    const wrong = board.submit("ada", 1, { metadata: JSON.parse("{}") });
    await expect(wrong).rejects.toThrow(SchemaMismatch);
    const long = board.submit("ada", 1, { metadata: { clan: "x".repeat(5_000) } });
    await expect(long).rejects.toThrow(Misuse);
    const without = harness.core.leaderboard<string>("plain", { update: "set" });
    await expect(without.submit("ada", 1, { metadata: "x" })).rejects.toThrow(Misuse);
  });

  test("has a TTL from the first that is given, as have all keys of a period", async () => {
    await using harness = await createTestCore(url);
    const options = { update: "increment", periods: ["day"], rank: "dense", metadata: String } as const;
    const board = harness.core.leaderboard("arena", options);
    await board.submit("ada", 1);
    await board.submit("ada", 1, { metadata: "x" });
    await board.rebuild([{ member: "bo", score: 1, metadata: "y" }]);
    await board.submit("bo", 1, { metadata: "z", operationId: "1" });
    expect(await harness.listKeys()).toHaveLength(5);
    expect(await harness.listPermanentKeys()).toEqual([]);
    await board.remove("bo");
    await board.submit("bo", 1);
    await board.submit("bo", 0, { metadata: "z" });
    expect(await harness.listPermanentKeys()).toEqual([]);
  });

  test("stays with the best score, and what others wrote reads as none", async () => {
    await using harness = await createTestCore(url);
    const options = { update: "best", metadata: String } as const;
    const board = harness.core.leaderboard("arena", options);
    await board.submit("ada", 9, { metadata: "replay-9" });
    await board.submit("ada", 5, { metadata: "replay-5" });
    expect((await board.get("ada")).metadata).toBe("replay-9");
    const key = harness.core.keys.leaderboard.metadata("arena", "all");
    await harness.redis.port.command("HSET", [key], ["ada", "garbage"]);
    expect((await board.get("ada")).metadata).toBeUndefined();
  });
});

describe("late scores", () => {
  test("reach the period they belong to while it is open, and change nothing after that", async () => {
    const clock = manualClock(Date.UTC(2030, 0, 10, 12));
    await using harness = await createTestCore(url, { clock });
    const periods = ["day", "week", "month", "season", "all"] as const;
    const board = harness.core.leaderboard("arena", { update: "increment", periods, late: "1h" });
    const season = { id: "7", endsAtMs: Date.UTC(2030, 0, 11) };
    await board.submit("ada", 1, { season });
    const atMs = clock.nowMs();
    clock.set(Date.UTC(2030, 0, 11, 0, 59));
    const late = await board.submit("ada", 2, { season, atMs });
    expect(late.closed).toEqual([]);
    expect(late.periods.day).toMatchObject({ score: 3 });
    expect(await board.get("ada", { period: "day" })).toEqual({ score: 0, rank: null });
    expect(await board.get("ada", { period: "season", season })).toEqual({ score: 3, rank: 1 });
    clock.advance(60_000);
    const tooLate = await board.submit("ada", 4, { season, atMs });
    expect(tooLate.closed).toEqual(["day", "season"]);
    expect(tooLate.periods.day).toEqual({ score: 3, rank: 1, improved: false });
    expect(tooLate.periods.season).toMatchObject({ score: 3, improved: false });
    expect(tooLate).toMatchObject({ score: 7, rank: 1 });
    expect(tooLate.periods.month).toMatchObject({ score: 7 });
    const ahead = await board.submit("bo", 1, { atMs: clock.nowMs() + 32 * day });
    expect(ahead.closed).toEqual(["day", "week", "month"]);
    expect(ahead.periods.day).toEqual({ score: 0, rank: null, improved: false });
    expect(await harness.listPermanentKeys()).toHaveLength(2);
    await expect(board.submit("ada", 1, { atMs: Number.NaN })).rejects.toThrow(Misuse);
  });

  test("without `late` a season ends at its end, to the millisecond", async () => {
    const clock = manualClock(Date.UTC(2030, 0, 10));
    await using harness = await createTestCore(url, { clock });
    const board = harness.core.leaderboard("arena", { update: "set", periods: ["season"] });
    const season = { id: "7", endsAtMs: clock.nowMs() + 1 };
    expect((await board.submit("ada", 1, { season })).rank).toBe(1);
    clock.advance(1);
    expect(await board.submit("bo", 2, { season })).toMatchObject({ rank: null, closed: ["season"] });
    await expect(board.submit("bo", 2)).rejects.toThrow(Misuse);
    const impossible = { update: "set", periods: ["day"], keep: { day: "1h" }, late: "2h" } as const;
    expect(() => harness.core.leaderboard("x", impossible)).toThrow(Misuse);
  });
});

describe("a histogram", () => {
  test("counts everybody once, in equal widths and between bounds", async () => {
    await using harness = await createTestCore(url);
    const board = harness.core.leaderboard("arena", { update: "set" });
    expect(await board.histogram({ buckets: 4 })).toEqual([]);
    for (let score = 0; score <= 100; score += 1) {
      await board.submit(`m${score}`, score);
    }
    expect(await board.histogram({ buckets: 4 })).toEqual([
      { from: 0, to: 25, members: 25 },
      { from: 25, to: 50, members: 25 },
      { from: 50, to: 75, members: 25 },
      { from: 75, to: 100, members: 26 },
    ]);
    expect(await board.histogram({ bounds: [0, 99.5] })).toEqual([
      { from: Number.NEGATIVE_INFINITY, to: 0, members: 0 },
      { from: 0, to: 99.5, members: 100 },
      { from: 99.5, to: Number.POSITIVE_INFINITY, members: 1 },
    ]);
    await board.rebuild([{ member: "a", score: -Number.MAX_VALUE }, { member: "b", score: Number.MAX_VALUE }]);
    const halves = await board.histogram({ buckets: 2 });
    expect(halves.map(({ members }) => members)).toEqual([1, 1]);
    expect(halves[0]?.to).toBe(0);
    await board.rebuild([{ member: "a", score: Number.POSITIVE_INFINITY }]);
    expect(await board.histogram({ buckets: 2 })).toMatchObject([{ members: 1 }]);
    await board.rebuild([{ member: "a", score: 7 }, { member: "b", score: 7 }]);
    expect(await board.histogram({ buckets: 9 })).toEqual([{ from: 7, to: 7, members: 2 }]);
    for (const shape of [{ buckets: 0 }, { buckets: 1_001 }, { bounds: [] }, { bounds: [2, 1] }, { bounds: [Number.NaN] }]) {
      await expect(board.histogram(shape)).rejects.toThrow(Misuse);
    }
  });
});

test("pages go back as they went on", async () => {
  await using harness = await createTestCore(url);
  const board = harness.core.leaderboard("arena", { update: "set" });
  await submitAll(board, { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1 });
  const membersOf = (page: { readonly entries: readonly { readonly member: string }[] }) =>
    page.entries.map(({ member }) => member).join("");
  const first = await board.page({ limit: 3 });
  const second = await board.page({ limit: 3, cursor: first.nextCursor });
  const third = await board.page({ limit: 3, cursor: second.nextCursor });
  expect([first, second, third].map(membersOf)).toEqual(["abc", "def", "g"]);
  expect([first.previousCursor, third.nextCursor]).toEqual([null, null]);
  await board.submit("g", 2);
  const back = await board.page({ limit: 3, before: third.previousCursor });
  expect(membersOf(back)).toBe("def");
  expect(back.entries.map(({ rank }) => rank)).toEqual([5, 6, 7]);
  expect(membersOf(await board.page({ limit: 3, before: back.previousCursor }))).toBe("abc");
  expect(membersOf(await board.page({ limit: 9, before: second.previousCursor }))).toBe("gabc");
  await expect(board.page({ before: first.nextCursor, cursor: first.nextCursor })).rejects.toThrow(Misuse);
});

test("every method is one round trip, whatever the board keeps", async () => {
  await using harness = await createTestCore(url);
  const periods: readonly PeriodKind[] = ["day", "week", "month", "all"];
  const board = harness.core.leaderboard("arena", {
    update: "increment",
    periods,
    rank: "dense",
    metadata: String,
    maxMembers: 5,
  });
  const trips = (work: () => Promise<unknown>) => countRoundTrips(harness.redis.port, work);
  expect(await trips(() => board.submit("ada", 1, { operationId: "a", metadata: "x" }))).toBe(1);
  expect(await trips(() => board.submit("bo", 1, { atMs: Date.now() - 1 }))).toBe(1);
  expect(await trips(() => Promise.all(["a", "b", "c"].map((member) => board.submit(member, 2))))).toBe(1);
  expect(await trips(() => board.top(10, { period: "week" }))).toBe(1);
  expect(await trips(() => board.around("ada", 3))).toBe(1);
  expect(await trips(() => board.get("ada"))).toBe(1);
  expect(await trips(() => board.among(["ada", "bo", "cy"]))).toBe(1);
  const { nextCursor } = await board.page({ limit: 1 });
  expect(await trips(() => board.page({ cursor: nextCursor, limit: 1 }))).toBe(1);
  expect(await trips(() => board.percentile("ada"))).toBe(1);
  expect(await trips(() => board.histogram({ buckets: 10 }))).toBe(1);
  expect(await trips(() => board.archive({ period: "day" }))).toBe(1);
  expect(await trips(() => board.remove("ada"))).toBe(1);
  const yesterday = { period: "day", atMs: Date.now() - day } as const;
  expect(await trips(() => board.finalize(yesterday, () => {}))).toBe(2);
  expect(await trips(() => board.finalize(yesterday, () => {}))).toBe(1);
});

test("members are any text of 1 to 1024 bytes, and hurt nobody", async () => {
  await using harness = await createTestCore(url);
  const board = harness.core.leaderboard("are{na}:*", { update: "set", periods: ["season", "all"], metadata: String });
  const season = { id: 'se"a}son:\\*', endsAtMs: Date.now() + day };
  const members = ["{x}", "a:b", "*", " ", "\n", "é".repeat(512), "a\n1", "inf", "0", '"}', "%41", "\u0000"];
  for (const member of members) {
    await board.submit(member, 1, { season, operationId: member, metadata: member });
  }
  const top = await board.top(50, { period: "season", season });
  expect(top.map(({ member, metadata }) => [member, metadata])).toEqual(members.map((member) => [member, member]));
  expect((await board.among(members)).map(({ rank }) => rank)).toEqual(members.map((_, index) => index + 1));
  const bad = ["", "x".repeat(10_240), "é".repeat(513), "\ud800"];
  for (const member of bad) {
    await expect(board.submit(member, 1)).rejects.toThrow(Misuse);
    await expect(board.rebuild([{ member, score: 1 }])).rejects.toThrow(Misuse);
  }
  await expect(board.rebuild([{ member: "a", score: Number.NaN }])).rejects.toThrow(Misuse);
  await expect(board.submit("a", Number.NaN)).rejects.toThrow(Misuse);
  await expect(board.top(1_001)).rejects.toThrow(Misuse);
  await expect(board.among(Array.from({ length: 5_001 }, (_, index) => `m${index}`))).rejects.toThrow(Misuse);
  expect(await board.among(Array.from({ length: 5_000 }, (_, index) => `m${index}`))).toHaveLength(5_000);
});

test("a server that forgets its scripts all the time is not noticed", async () => {
  await using redis = await startRedis();
  await using harness = await createTestCore(redis.url);
  const board = harness.core.leaderboard("arena", { update: "increment", periods: ["day", "all"] });
  const views = harness.core.counter("views", { trending: { halfLife: "1h" } });
  for (let round = 0; round < 20; round += 1) {
    await harness.redis.port.command("SCRIPT FLUSH", [], []);
    await Promise.all([
      board.submit("ada", 1),
      board.submit("bo", 1),
      board.top(3),
      views.increment("post"),
      views.trending(1),
    ]);
  }
  expect((await board.get("ada")).score).toBe(20);
  expect((await views.get(["post"])).get("post")).toBe(20);
});
