import { randomUUID } from "node:crypto";
import { boardQueries, pointsQueries } from "@cardinal/db";
import { rebuildBoards } from "@cardinal/api/use-cases";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import type { TestClient } from "./support/test-client.ts";

let test: TestServer;
let bo: TestClient;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl") });
  bo = await test.signedInClient("bo");
});
afterAll(() => test[Symbol.asyncDispose]());

const top = async (board: string, period = "all", limit = 100) =>
  Object((await bo.query("leaderboard.top", { board, period, limit })).data);

async function ledger(name: string) {
  return test.server.context.db.read((tx) => {
    const board = boardQueries.find(tx, name)!;
    return pointsQueries.standings(tx, board).map(({ userId, score, rank }) => ({ id: userId, score, rank }));
  });
}

describe("boards", () => {
  it("are listed with the season under way", async () => {
    const { boards } = Object((await bo.query("leaderboard.list")).data);
    expect(boards.map(({ name }: { name: string }) => name)).toEqual(["community", "quiz", "sprint"]);
    expect(boards[0].season).toMatchObject({ number: 3, endsAtMs: expect.any(Number) });
  });

  it.each(["community", "quiz", "sprint"])("are filled from the ledger at start: %s", async (name) => {
    const { entries, total, version } = await top(name);
    const expected = await ledger(name);
    expect(total).toBe(expected.length);
    expect(version).toBeGreaterThan(0);
    expect(
      entries.map(({ rank, score, user }: { rank: number; score: number; user: { id: string } }) => ({
        id: user.id,
        score,
        rank,
      })),
    ).toEqual(expected);
  });

  it("say so for an unknown board", async () => {
    expect(await bo.query("leaderboard.top", { board: "nope", period: "all" })).toMatchObject({
      status: 404,
      error: { reason: "BOARD_NOT_FOUND" },
    });
  });
});

describe("points", () => {
  it("move the member and count once per operation", async () => {
    const before = Object((await bo.query("leaderboard.me", { board: "community", period: "all" })).data);
    const input = { board: "community", points: 25, operationId: randomUUID() };
    const answers = await Promise.all([1, 2, 3].map(() => bo.mutate("leaderboard.submit", input)));
    for (const { data } of answers) {
      expect(data).toMatchObject({ score: before.score + 25, previousRank: before.rank });
    }
    const after = Object((await bo.query("leaderboard.me", { board: "community", period: "all" })).data);
    expect(after.score).toBe(before.score + 25);
    const today = Object((await bo.query("leaderboard.me", { board: "community", period: "day" })).data);
    expect(today.score).toBeGreaterThanOrEqual(25);
    expect(await ledger("community")).toContainEqual(
      expect.objectContaining({ score: after.score, rank: after.rank }),
    );
  });

  it("refuse an operation id that was used for other points", async () => {
    const operationId = randomUUID();
    await bo.mutate("leaderboard.submit", { board: "quiz", points: 5, operationId });
    expect(await bo.mutate("leaderboard.submit", { board: "quiz", points: 6, operationId })).toMatchObject({
      status: 409,
      error: { reason: "OPERATION_REUSED" },
    });
  });

  it.each([0, 101, 1.5, "5"])("refuse %j", async (points) => {
    const answer = await bo.mutate("leaderboard.submit", {
      board: "quiz",
      points,
      operationId: randomUUID(),
    });
    expect(answer).toMatchObject({ status: 400, error: { reason: "INVALID_INPUT" } });
  });

  it("show who is around the member", async () => {
    const { entries } = Object(
      (await bo.query("leaderboard.around", { board: "quiz", period: "all", radius: 2 })).data,
    );
    expect(entries.map(({ user }: { user: { username: string } }) => user.username)).toContain("bo");
    expect(entries.length).toBeGreaterThanOrEqual(3);
  });
});

describe("a board in Redis", () => {
  const allTime = async (name: string) => {
    const { deps, db } = test.server.context;
    const board = await db.read((tx) => boardQueries.find(tx, name)!);
    return { deps, board: deps.boards.of(board) };
  };

  it("is rebuilt from the ledger when it was lost, and only that one", async () => {
    const { deps, board } = await allTime("sprint");
    await rebuildBoards(deps, { which: "lost" });
    await board.rebuild([], { period: "all" });
    expect((await top("sprint")).total).toBe(0);
    expect(await rebuildBoards(deps, { which: "lost" })).toBe(1);
    expect((await top("sprint")).total).toBe((await ledger("sprint")).length);
  });

  it("is compared with the ledger when it is suspected, and left alone when it is right", async () => {
    const { deps, board } = await allTime("quiz");
    deps.boards.takeSuspects();
    await board.submit("nobody the ledger knows", 99);
    expect(await rebuildBoards(deps, { which: "lost" })).toBe(0);
    deps.boards.suspect("quiz");
    expect(await rebuildBoards(deps, { which: "lost" })).toBeGreaterThan(0);
    const scores = (await top("quiz")).entries.map(({ score }: { score: number }) => score);
    expect(scores).toEqual((await ledger("quiz")).map(({ score }) => score));
  });
});
