import fc from "fast-check";
import { expect, test } from "vitest";
import {
  boardQueries,
  pointsQueries,
  seasonQueries,
  type BoardRow,
  type WriteTransaction,
} from "../src/index.ts";
import { addUser, NOW_MS } from "./fixtures.ts";
import { createTempDatabase } from "./temp-database.ts";

function addBoard(tx: WriteTransaction, rule: Pick<BoardRow, "name" | "order" | "update">): BoardRow {
  const text = { title: rule.name, description: "", unit: "points", position: 1, createdAtMs: NOW_MS };
  return boardQueries.create(tx, { ...rule, ...text });
}

test("a submission counts once, however often it is repeated", async () => {
  await using temp = await createTempDatabase();
  const userId = await temp.db.write((tx) => {
    addBoard(tx, { name: "points", order: "desc", update: "increment" });
    return addUser(tx, "ada").id;
  });
  const submit = (points: number) =>
    temp.db.write((tx) =>
      pointsQueries.insertOnce(tx, {
        operationId: "op-1",
        boardName: "points",
        userId,
        seasonId: null,
        points,
        nowMs: NOW_MS,
      }),
    );
  const results = await Promise.all([submit(10), submit(10), submit(99)]);
  expect(results.map(({ isNew, entry }) => [isNew, entry.points])).toEqual([
    [true, 10],
    [false, 10],
    [false, 10],
  ]);
  await temp.db.read((tx) => {
    const board = boardQueries.find(tx, "points");
    expect(board && pointsQueries.scoreOf(tx, board, userId)).toBe(10);
    expect(pointsQueries.listByUser(tx, userId, 5).length).toBe(1);
  });
});

test("standings agree with a model for every rule, ties going to who was first", async () => {
  await using temp = await createTempDatabase();
  const users = await temp.db.write((tx) => ["ada", "bo", "cy", "di"].map((name) => addUser(tx, name).id));
  const entry = fc.record({ user: fc.nat(3), points: fc.integer({ min: -3, max: 5 }) });
  const rule = fc.record({
    order: fc.constantFrom("asc" as const, "desc" as const),
    update: fc.constantFrom("set" as const, "best" as const, "increment" as const),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(rule, fc.array(entry, { maxLength: 25 }), async ({ order, update }, entries) => {
      const name = `board-${(run += 1)}`;
      const scores = new Map<string, { score: number; reachedAt: number }>();
      entries.forEach(({ user, points }, index) => {
        const userId = users[user] ?? "";
        const before = scores.get(userId);
        const isBetter =
          before === undefined || (order === "desc" ? points > before.score : points < before.score);
        if (update === "best" && !isBetter) return;
        const score = update === "increment" ? (before?.score ?? 0) + points : points;
        scores.set(userId, { score, reachedAt: index });
      });
      const expected = [...scores]
        .map(([userId, line]) => ({ userId, ...line }))
        .sort(
          (a, b) => (order === "desc" ? b.score - a.score : a.score - b.score) || a.reachedAt - b.reachedAt,
        );
      const actual = await temp.db.write((tx) => {
        const board = addBoard(tx, { name, order, update });
        entries.forEach(({ user, points }, index) => {
          const common = { boardName: name, userId: users[user] ?? "", seasonId: null, points };
          pointsQueries.insertOnce(tx, { ...common, operationId: `${name}-${index}`, nowMs: NOW_MS + index });
        });
        return pointsQueries.standings(tx, board);
      });
      expect(
        actual.map(({ userId, score, rank, reachedAtMs }) => [userId, score, rank, reachedAtMs]),
      ).toEqual(
        expected.map(({ userId, score, reachedAt }, index) => [userId, score, index + 1, NOW_MS + reachedAt]),
      );
    }),
    { numRuns: 80 },
  );
});

test("a season is finished once, with the table the ledger gives", async () => {
  await using temp = await createTempDatabase();
  await temp.db.write((tx) => {
    addBoard(tx, { name: "points", order: "desc", update: "increment" });
    const [ada, bo] = [addUser(tx, "ada").id, addUser(tx, "bo").id];
    const season = seasonQueries.start(tx, {
      number: 1,
      title: "One",
      startsAtMs: NOW_MS,
      endsAtMs: NOW_MS + 100,
    });
    const submit = (userId: string, points: number, operationId: string, seasonId: string | null) =>
      pointsQueries.insertOnce(tx, {
        operationId,
        boardName: "points",
        userId,
        seasonId,
        points,
        nowMs: NOW_MS,
      });
    submit(ada, 10, "a", season.id);
    submit(bo, 15, "b", season.id);
    submit(ada, 100, "c", null);
    expect(seasonQueries.findRunning(tx)?.id).toBe(season.id);
    expect(seasonQueries.finish(tx, season.id, NOW_MS + 100)).toBe(true);
    submit(ada, 50, "d", season.id);
    expect(seasonQueries.finish(tx, season.id, NOW_MS + 200)).toBe(false);
    expect(seasonQueries.findRunning(tx)).toBeUndefined();
    const results = seasonQueries.results(tx, season.id, "points", 10);
    expect(results.map(({ rank, score, user }) => [rank, score, user.username])).toEqual([
      [1, 15, "bo"],
      [2, 10, "ada"],
    ]);
  });
});
