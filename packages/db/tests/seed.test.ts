import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { verify } from "@node-rs/argon2";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  boardQueries,
  DEMO_PASSWORD,
  DEMO_USERNAMES,
  messageQueries,
  outboxQueries,
  pageViewQueries,
  pointsQueries,
  postQueries,
  roomEventQueries,
  roomQueries,
  seasonQueries,
  seedDatabase,
  userQueries,
} from "../src/index.ts";
import { createTempDatabase, createTempPath, type TempDatabase } from "./temp-database.ts";

/** Changes with every change of the seed, and with nothing else. */
const FIXED_DIGEST = "4a02c001b1d39c41bef2615874a80c6eb2140912228816a4ca9880b3dfce6f20";

const run = promisify(execFile);
const prepare = fileURLToPath(new URL("../src/cli/prepare.ts", import.meta.url));

/** A digest of every row of every table, in the order of the tables' keys. */
function digest(path: string): string {
  const database = new Sqlite(path, { readonly: true });
  const hash = createHash("sha256");
  const tables = database
    .prepare<[], string>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
          AND name <> 'schema_migration' ORDER BY name`,
    )
    .pluck()
    .all();
  for (const table of tables) {
    hash.update(table);
    for (const row of database.prepare(`SELECT * FROM "${table}" ORDER BY 1, 2`).raw().iterate()) {
      hash.update(JSON.stringify(row));
    }
  }
  database.close();
  return hash.digest("hex");
}

describe("the seed", () => {
  let temp: TempDatabase;
  beforeAll(async () => {
    temp = await createTempDatabase();
    await seedDatabase(temp.db);
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  test("is the same bytes every time, in any time zone", async () => {
    using other = createTempPath();
    const env = { ...process.env, DATABASE_PATH: other.path, TZ: "Asia/Kathmandu", NODE_ENV: "production" };
    const { stdout } = await run(process.execPath, [prepare, "--seed"], { env });
    expect(stdout).toMatch(/^database .*: applied .*, seeded\n$/);
    expect(digest(other.path)).toBe(digest(temp.path));
    expect(digest(temp.path)).toBe(FIXED_DIGEST);
  });

  test("has the members, rooms, messages, boards, posts, views and jobs it should", async () => {
    const { db } = temp;
    const ada = await db.read((tx) => userQueries.findByUsername(tx, "ada"));
    expect(ada).toMatchObject({ role: "admin", email: "ada@cardinal.test" });
    expect(await verify(ada?.passwordHash ?? "", DEMO_PASSWORD)).toBe(true);
    expect(ada?.passwordHash).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
    await db.read((tx) => {
      expect(userQueries.count(tx)).toBe(24);
      expect(userQueries.listByUsernames(tx, DEMO_USERNAMES).length).toBe(4);
      const rooms = roomQueries.listForUser(tx, ada?.id ?? "");
      expect(rooms.length).toBe(6);
      expect(rooms.reduce((sum, room) => sum + room.headMessageNumber, 0)).toBe(3_000);
      expect(boardQueries.list(tx).length).toBe(3);
      expect(seasonQueries.list(tx).map((season) => season.state)).toEqual([
        "running",
        "finished",
        "finished",
      ]);
      expect(postQueries.list(tx, { limit: 50 }).posts.length).toBe(12);
      expect(postQueries.tagCounts(tx).length).toBeGreaterThan(8);
      const series = pageViewQueries.dailySeries(tx, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
      expect(series.length).toBe(30);
      const jobs = outboxQueries.countByState(tx);
      expect(Object.values(jobs).every((count) => count > 0)).toBe(true);
    });
  });

  test("agrees with itself: logs, heads, counts, results, hours and effects", async () => {
    await temp.db.read((tx) => {
      const ada = userQueries.findByUsername(tx, "ada");
      for (const room of roomQueries.listForUser(tx, ada?.id ?? "")) {
        const events = roomEventQueries.range(tx, room.id, 0, 100_000);
        expect(events.map((event) => event.seq)).toEqual(
          Array.from({ length: room.headSeq }, (_, i) => i + 1),
        );
        expect(events.every((event, i) => i === 0 || event.atMs >= (events[i - 1]?.atMs ?? 0))).toBe(true);
        expect(events.filter((event) => event.kind === "message").length).toBe(room.headMessageNumber);
        const page = messageQueries.history(tx, { roomId: room.id, limit: 10_000 });
        expect(page?.messages.map((message) => message.number)).toEqual(
          Array.from({ length: room.headMessageNumber }, (_, i) => i + 1),
        );
        expect(roomQueries.listMembers(tx, room.id).length).toBe(room.memberCount);
        if (room.isMember) expect(room.unread).toBeGreaterThan(0);
      }
      for (const season of seasonQueries.list(tx).filter(({ state }) => state === "finished")) {
        for (const board of boardQueries.list(tx)) {
          const results = seasonQueries.results(tx, season.id, board.name, 100);
          const standings = pointsQueries.standings(tx, board, { seasonId: season.id });
          expect(results.map(({ user, score }) => [user.id, score])).toEqual(
            standings.map(({ userId, score }) => [userId, score]),
          );
        }
      }
      const span = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
      const hours = pageViewQueries.hourlySeries(tx, span).reduce((sum, point) => sum + point.views, 0);
      const days = pageViewQueries.dailySeries(tx, span).reduce((sum, point) => sum + point.views, 0);
      expect(hours).toBe(days);
      const unproven = tx
        .statement<{ n: number }>(
          `SELECT count(*) AS n FROM outbox
            WHERE (state = 'done') <> (job_key IN (SELECT job_key FROM job_effect))`,
        )
        .get();
      expect(unproven?.n).toBe(0);
    });
  });

  test("run again changes nothing and overwrites nobody's changes", async () => {
    const { db, path } = temp;
    await db.write((tx) => {
      const bo = userQueries.findByUsername(tx, "bo");
      userQueries.update(tx, bo?.id ?? "", { displayName: "Bo the Second" }, { nowMs: 1 });
      tx.statement("DELETE FROM post WHERE slug = 'boring-on-purpose'").run();
    });
    const before = digest(path);
    expect(await seedDatabase(db)).toEqual({ seeded: false });
    expect(digest(path)).toBe(before);
  });
});

describe("prepare", () => {
  test("does not seed in production unless asked to", async () => {
    using temp = createTempPath();
    const env = { ...process.env, DATABASE_PATH: temp.path, NODE_ENV: "production" };
    expect((await run(process.execPath, [prepare], { env })).stdout).toMatch(/, not seeded, one empty room\n$/);
  });

  test("only migrates with --no-seed, and says in one line what is wrong", async () => {
    using temp = createTempPath();
    const env = { ...process.env, DATABASE_PATH: temp.path, NODE_ENV: "development" };
    expect((await run(process.execPath, [prepare, "--no-seed"], { env })).stdout).toMatch(/, not seeded, one empty room\n$/);
    const newer = new Sqlite(temp.path);
    newer.exec("INSERT INTO schema_migration VALUES (99, '0099_from_the_future', 'x', 0)");
    newer.pragma("user_version = 99");
    newer.close();
    await expect(run(process.execPath, [prepare], { env })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^database .*was made by newer code[^\n]*\n$/),
    });
  });
});
