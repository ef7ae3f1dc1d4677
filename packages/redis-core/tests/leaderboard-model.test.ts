import fc from "fast-check";
import { expect, inject, test } from "vitest";
import type { Leaderboard, LeaderboardEntry } from "../src/leaderboard/index.ts";
import { createTestCore } from "../src/testing/index.ts";
import { checkProperty } from "./support/check-property.ts";
import { type ModelBoard, type ModelRules, ranked, submitTo } from "./support/leaderboard-model.ts";

const url = inject("redisUrl");
const members = ["zoe", "ada", "mia", "bo", "{x}", "a:1", "cy", "di"];

const rules = fc.record<ModelRules>(
  {
    order: fc.constantFrom("desc", "asc"),
    update: fc.constantFrom("set", "best", "increment"),
    rank: fc.constantFrom("ordinal", "competition", "dense"),
    maxMembers: fc.integer({ min: 1, max: 6 }),
  },
  { requiredKeys: ["order", "update", "rank"] },
);

/** Few scores for many members: almost every place is a tie. */
const step = fc.record({
  member: fc.constantFrom(...members),
  amount: fc.constantFrom(0, 1, 2, -1, 0.5),
  isRemoved: fc.integer({ min: 0, max: 9 }).map((tenth) => tenth === 0),
});

async function pagesOf(board: Leaderboard, limit: number, meanwhile?: () => Promise<unknown>): Promise<LeaderboardEntry[]> {
  const seen: LeaderboardEntry[] = [];
  let cursor: string | null = null;
  do {
    const page = await board.page({ cursor, limit });
    seen.push(...page.entries);
    cursor = page.nextCursor;
    await meanwhile?.();
  } while (cursor !== null);
  return seen;
}

async function pagesBackOf(board: Leaderboard, limit: number): Promise<LeaderboardEntry[]> {
  let page = await board.page({ limit: 1 });
  while (page.nextCursor !== null) {
    page = await board.page({ limit: 1, cursor: page.nextCursor });
  }
  const pages = [page.entries];
  while (page.previousCursor !== null) {
    page = await board.page({ limit, before: page.previousCursor });
    pages.unshift(page.entries);
  }
  return pages.flat();
}

async function expectAgrees(board: Leaderboard, model: ModelBoard, given: ModelRules, limit: number): Promise<void> {
  const expected = ranked(model, given);
  expect(await board.top(50)).toEqual(expected);
  expect(await pagesOf(board, limit)).toEqual(expected);
  expect(await pagesBackOf(board, limit)).toEqual(expected);
  const standings = await board.among([...members, "nobody"]);
  const without = members.filter((member) => !expected.some((entry) => entry.member === member));
  expect(standings.slice(0, expected.length)).toEqual(expected);
  expect(standings.slice(expected.length).map(({ member }) => member)).toEqual([...without, "nobody"]);
  for (const [index, entry] of expected.entries()) {
    const { member, score, rank } = entry;
    expect(await board.get(member)).toEqual({ score, rank });
    expect(await board.around(member, 1)).toEqual(expected.slice(Math.max(0, index - 1), index + 2));
    const worse = model.filter((other) => (given.order === "desc" ? other.score < score : other.score > score));
    const share = model.length === 1 ? 100 : (100 * worse.length) / (model.length - 1);
    expect(await board.percentile(member)).toBe(share);
  }
  const buckets = await board.histogram({ buckets: 3 });
  expect(buckets.reduce((sum, bucket) => sum + bucket.members, 0)).toBe(model.length);
}

test("a board says what a sorted model says, with ties everywhere (F14)", async () => {
  await using harness = await createTestCore(url);
  let run = 0;
  await checkProperty(
    "leaderboard model",
    fc.asyncProperty(
      rules,
      fc.array(step, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      async (given, steps, limit) => {
        run += 1;
        const board = harness.core.leaderboard(`model-${run}`, given);
        let model: ModelBoard = [];
        for (const { member, amount, isRemoved } of steps) {
          if (isRemoved) {
            const isThere = model.some((entry) => entry.member === member);
            expect(await board.remove(member)).toBe(isThere);
            model = model.filter((entry) => entry.member !== member);
            continue;
          }
          const before = ranked(model, given).find((entry) => entry.member === member);
          model = submitTo(model, given, member, amount);
          const after = ranked(model, given).find((entry) => entry.member === member);
          expect(await board.submit(member, amount)).toMatchObject({
            score: after?.score ?? 0,
            rank: after?.rank ?? null,
            previousRank: before?.rank ?? null,
          });
        }
        await expectAgrees(board, model, given, limit);
      },
    ),
    { runs: 50 },
  );
});

test("while others move, pages show everybody who did not move exactly once", async () => {
  await using harness = await createTestCore(url);
  let run = 0;
  await checkProperty(
    "leaderboard pages while others move",
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 20 }),
      fc.infiniteStream(fc.tuple(fc.nat({ max: 4 }), fc.integer({ min: 0, max: 3 }))),
      fc.integer({ min: 1, max: 4 }),
      async (still, moves, limit) => {
        run += 1;
        const board = harness.core.leaderboard(`moving-${run}`, { update: "set" });
        for (const [index, score] of still.entries()) {
          await board.submit(`still-${index}`, score);
          await board.submit(`mover-${index % 5}`, score);
        }
        const seen = await pagesOf(board, limit, async () => {
          for (const [mover, score] of moves.take(2)) {
            await board.submit(`mover-${mover}`, score);
          }
        });
        const unmoved = seen.map(({ member }) => member).filter((member) => member.startsWith("still"));
        const all = (await board.top(100)).map(({ member }) => member);
        expect(unmoved).toEqual(all.filter((member) => member.startsWith("still")));
      },
    ),
    { runs: 15 },
  );
});
