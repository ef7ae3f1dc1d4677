import { monitorEventLoopDelay } from "node:perf_hooks";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { DatabaseBusy, openDatabase, postQueries, roomQueries, type DatabaseEvent } from "../src/index.ts";
import { addRoom, addUser, NOW_MS } from "./fixtures.ts";
import { startProcess } from "./processes/start-process.ts";
import { createTempDatabase } from "./temp-database.ts";

test("loses no update of 4 processes with 200 writes each", async ({ annotate }) => {
  await using temp = await createTempDatabase();
  const post = await temp.db.write((tx) =>
    postQueries.create(tx, {
      slug: "counted",
      title: "Counted",
      excerpt: "",
      body: "",
      authorId: addUser(tx, "ada").id,
      tags: [],
      publishedAtMs: NOW_MS,
      nowMs: NOW_MS,
    }),
  );
  const processes = Array.from({ length: 4 }, () => startProcess("count-up", [temp.path, post.id, "200"]));
  expect(await Promise.all(processes.map((started) => started.ended))).toEqual([0, 0, 0, 0]);
  const found = await temp.db.read((tx) => postQueries.findById(tx, post.id));
  expect(found?.viewCount).toBe(800);
  await annotate(`longest event loop delays: ${processes.map((started) => started.lines[0]).join(", ")} ms`);
});

test("waits for another process's lock without holding the event loop", async ({ annotate }) => {
  const events: DatabaseEvent[] = [];
  await using temp = await createTempDatabase({ onEvent: (event) => events.push(event) });
  const holder = startProcess("hold-lock", [temp.path, "700"]);
  await holder.printed("locked");
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let ticks = 0;
  const ticking = setInterval(() => (ticks += 1), 5);
  const user = await temp.db.write((tx) => addUser(tx, "ada"));
  clearInterval(ticking);
  delay.disable();
  expect(user.username).toBe("ada");
  expect(events.some((event) => event.type === "busy")).toBe(true);
  // Not one would have fired while SQLite itself waited.
  expect(ticks).toBeGreaterThan(10);
  await annotate(
    `longest event loop delay while waiting: ${(delay.max / 1e6).toFixed(1)} ms, ${ticks} ticks`,
  );
  await holder.ended;
});

test("gives up with DatabaseBusy past the deadline, then works again", async () => {
  await using temp = await createTempDatabase();
  await using impatient = openDatabase({ path: temp.path, busyTimeoutMs: 100 });
  const other = new Sqlite(temp.path);
  other.exec("BEGIN IMMEDIATE");
  const writes = await Promise.allSettled([
    impatient.write((tx) => addUser(tx, "ada")),
    impatient.write((tx) => addUser(tx, "bo")),
  ]);
  expect(writes.map((write) => write.status === "rejected" && write.reason instanceof DatabaseBusy)).toEqual([
    true,
    true,
  ]);
  // Readers do not wait for writers.
  expect(await impatient.read((tx) => roomQueries.listForUser(tx, "nobody"))).toEqual([]);
  other.exec("COMMIT");
  other.close();
  await impatient.write((tx) => addUser(tx, "ada"));
});

test("keeps every acknowledged message when the writer is killed, again and again", async () => {
  await using temp = await createTempDatabase();
  const { roomId, authorId } = await temp.db.write((tx) => {
    const author = addUser(tx, "ada");
    return { roomId: addRoom(tx, "general", [author]).id, authorId: author.id };
  });
  const acknowledged: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    const writer = startProcess("send-messages", [temp.path, roomId, authorId]);
    await writer.printed("started");
    await new Promise((resolve) => {
      writer.child.stdout?.on("data", () => writer.lines.length > 20 + round * 17 && resolve(null));
    });
    writer.child.kill("SIGKILL");
    await writer.ended;
    acknowledged.push(...writer.lines.filter((line) => line !== "started"));
  }
  expect(acknowledged.length).toBeGreaterThan(100);
  const check = new Sqlite(temp.path);
  expect(check.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(check.pragma("foreign_key_check")).toEqual([]);
  const stored = new Set(check.prepare<[], string>("SELECT id FROM message").pluck().all());
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  const log = check
    .prepare<[], { head: number; rows: number; last: number }>(
      `SELECT r.head_seq AS head, count(*) AS rows, max(e.seq) AS last
         FROM room r JOIN room_event e ON e.room_id = r.id GROUP BY r.id`,
    )
    .get();
  check.close();
  expect(log).toEqual({ head: stored.size, rows: stored.size, last: stored.size });
});
