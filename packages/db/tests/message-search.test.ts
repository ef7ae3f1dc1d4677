import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import Sqlite from "better-sqlite3";
import {
  messageQueries,
  messageSearchQueries,
  migrate,
  openDatabase,
  readSearchTerms,
  roomQueries,
  type ReadTransaction,
  type RoomRow,
  type UserRow,
} from "../src/index.ts";
import { addRoom, addUser, NOW_MS } from "./fixtures.ts";
import { listMigrations } from "../src/migrate/applied.ts";
import { createTempDatabase, createTempPath, type TempDatabase } from "./temp-database.ts";

let temp: TempDatabase;
let ada: UserRow;
let bo: UserRow;
let room: RoomRow;
let other: RoomRow;

beforeAll(async () => {
  temp = await createTempDatabase();
  await temp.db.write((tx) => {
    ada = addUser(tx, "ada");
    bo = addUser(tx, "bo");
    room = addRoom(tx, "general", [ada, bo]);
    other = addRoom(tx, "other", [bo]);
  });
});
afterAll(() => temp[Symbol.asyncDispose]());

const say = (body: string, o: { in?: RoomRow; by?: UserRow; atMs?: number } = {}) =>
  temp.db.write((tx) =>
    messageQueries.appendMessage(tx, {
      roomId: (o.in ?? room).id,
      authorId: (o.by ?? ada).id,
      body,
      nowMs: o.atMs ?? NOW_MS,
    }),
  );

interface Wanted {
  rooms?: RoomRow[];
  by?: UserRow;
  fromMs?: number;
  toMs?: number;
  best?: boolean;
}

function search(tx: ReadTransaction, query: string, wanted: Wanted = {}) {
  const asked = {
    terms: readSearchTerms(query),
    roomIds: (wanted.rooms ?? [room]).map(({ id }) => id),
    authorId: wanted.by?.id ?? null,
    fromMs: wanted.fromMs ?? null,
    toMs: wanted.toMs ?? null,
  };
  const found = wanted.best
    ? messageSearchQueries.findBest(tx, asked)
    : messageSearchQueries.findNewest(tx, asked, { before: null, limit: 20 }).searchIds;
  return messageSearchQueries.listHits(tx, asked, found);
}

const bodies = (query: string, wanted?: Wanted) =>
  temp.db.read((tx) => search(tx, query, wanted).map(({ message }) => message.body));

test("words are found in any order, without accents and case, the last one by its beginning", async () => {
  await say("The café opens at nine");
  await say("Nine cafes in a row");
  expect(await bodies("CAFE nine")).toEqual(["The café opens at nine"]);
  expect(await bodies("nine caf")).toEqual(["Nine cafes in a row", "The café opens at nine"]);
  expect(await bodies('"cafes in a"')).toEqual(["Nine cafes in a row"]);
  expect(await bodies('"in cafes"')).toEqual([]);
  expect(await bodies("nine", { rooms: [other] })).toEqual([]);
  // More rooms than the index is asked for.
  const many = Array.from({ length: 70 }, (_, index) => ({ ...other, id: `elsewhere-${index}` }));
  expect(await bodies("nine", { rooms: many })).toEqual([]);
  expect(await bodies("CAFE nine", { rooms: [...many, room] })).toHaveLength(1);
  expect(await bodies("nine", { by: bo })).toEqual([]);
});

test("emoji and scripts without spaces are found as they stand, and marked", async () => {
  await say("明日は東京に行きます");
  await say("shipped 🎉 at last");
  expect(await bodies("東京")).toEqual(["明日は東京に行きます"]);
  expect(await bodies("🎉 shipped")).toEqual(["shipped 🎉 at last"]);
  const [hit] = await temp.db.read((tx) => search(tx, "ship 🎉"));
  expect(hit?.ranges.map(({ start, end }) => hit.message.body.slice(start, end))).toEqual(["shipped", "🎉"]);
});

test("the best come first, and dates and authors narrow", async () => {
  const day = 86_400_000;
  await say("owl", { atMs: NOW_MS + 10 * day, by: bo });
  await say(`one owl among ${"many other words ".repeat(20)}`, { atMs: NOW_MS + 20 * day });
  expect(await bodies("owl", { best: true })).toEqual(["owl", expect.stringMatching(/^one owl/)]);
  expect(await bodies("owl")).toEqual([expect.stringMatching(/^one owl/), "owl"]);
  expect(await bodies("owl", { toMs: NOW_MS + 15 * day })).toEqual(["owl"]);
  expect(await bodies("owl", { fromMs: NOW_MS + 15 * day })).toEqual([expect.stringMatching(/^one owl/)]);
  expect(await bodies("owl", { by: bo })).toEqual(["owl"]);
});

test("a page that looked at its bounded part and found little says where to go on", async () => {
  await temp.db.write((tx) => {
    for (let index = 0; index < 2_500; index += 1) {
      const body = index === 0 ? "heron 🦩" : "heron";
      messageQueries.appendMessage(tx, { roomId: other.id, authorId: bo.id, body, nowMs: NOW_MS + index });
    }
  });
  const asked = { roomIds: [other.id], authorId: null, fromMs: null, toMs: null, terms: readSearchTerms("heron 🦩") };
  await temp.db.read((tx) => {
    const found: number[] = [];
    let pages = 0;
    for (let before: number | null = null; ; pages += 1) {
      const page = messageSearchQueries.findNewest(tx, asked, { before, limit: 10 });
      found.push(...page.searchIds);
      before = page.next;
      if (before === null) break;
    }
    expect(messageSearchQueries.listHits(tx, asked, found).map(({ message }) => message.body)).toEqual(["heron 🦩"]);
    expect(pages).toBe(2);
  });
});

test("no text that can be typed is an error of syntax", async () => {
  const typed = fc.oneof(
    fc.string({ unit: "binary", maxLength: 1_000 }),
    fc.array(fc.constantFrom('"', "*", "-", "AND", "OR", "NOT", "NEAR(", ")", ":", "^", "body", "a", " ", "😀", "é", "漢"), {
      maxLength: 40,
    }).map((parts) => parts.join("")),
  );
  await fc.assert(
    fc.asyncProperty(typed, fc.boolean(), async (query, best) => {
      await temp.db.read((tx) => search(tx, query, { best }));
    }),
    { numRuns: 150 },
  );
  expect(readSearchTerms(' "" * - ')).toEqual({ phrases: [], literals: [] });
});

test("the index says what the messages say after whatever was sent, edited, removed and taken away", async () => {
  await using fresh = await createTempDatabase();
  const word = fc.constantFrom("red", "green", "blue", "über", "東京", "🎉");
  const action = fc.record({
    kind: fc.constantFrom("send", "send", "edit", "remove", "fail", "drop-room"),
    on: fc.nat(20),
    body: fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(" ")),
  });
  const rooms: RoomRow[] = [];
  const member = await fresh.db.write((tx) => {
    rooms.push(addRoom(tx, "one"), addRoom(tx, "two"));
    return addUser(tx, "cy");
  });
  const sent: string[] = [];
  const apply = (tx: Parameters<Parameters<typeof fresh.db.write>[0]>[0], step: { kind: string; on: number; body: string }) => {
    const actorId = member.id;
    const messageId = sent[step.on % Math.max(1, sent.length)] ?? "none";
    const roomId = rooms[step.on % rooms.length]?.id ?? "";
    if (step.kind === "edit") messageQueries.edit(tx, { messageId, actorId, body: step.body, nowMs: NOW_MS });
    else if (step.kind === "remove") messageQueries.remove(tx, { messageId, actorId, nowMs: NOW_MS });
    else if (step.kind === "drop-room" && step.on === 0) {
      tx.statement("DELETE FROM room WHERE id = ?").run(roomId);
      const slug = `room-${sent.length}-${rooms.length}-${step.body}`;
      rooms[rooms.findIndex(({ id }) => id === roomId)] = addRoom(tx, slug);
    } else {
      sent.push(messageQueries.appendMessage(tx, { roomId, authorId: actorId, body: step.body, nowMs: NOW_MS }).message.id);
    }
  };
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (steps) => {
      await Promise.all(
        steps.map((step) =>
          fresh.db
            .write((tx) => {
              apply(tx, step);
              if (step.kind === "fail") throw new Error("rolled back");
            })
            .catch(() => undefined),
        ),
      );
      expect(await fresh.db.write((tx) => messageSearchQueries.isIndexSound(tx))).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test("an index that was damaged is noticed, and built anew", async () => {
  await using fresh = await createTempDatabase();
  const { by, where } = await fresh.db.write((tx) => ({ by: addUser(tx, "di"), where: addRoom(tx, "three") }));
  await fresh.db.write((tx) =>
    messageQueries.appendMessage(tx, { roomId: where.id, authorId: by.id, body: "lost words", nowMs: NOW_MS }),
  );
  const hands = new Sqlite(fresh.path);
  hands.exec("INSERT INTO message_search (message_search) VALUES ('delete-all')");
  hands.close();
  expect(await fresh.db.write((tx) => messageSearchQueries.isIndexSound(tx))).toBe(false);
  await fresh.db.write((tx) => messageSearchQueries.rebuildIndex(tx));
  expect(await fresh.db.write((tx) => messageSearchQueries.isIndexSound(tx))).toBe(true);
  expect(await fresh.db.read((tx) => roomQueries.findById(tx, where.id)?.headMessageNumber)).toBe(1);
});

test("the migration fills the index from the messages that are there", async () => {
  using file = createTempPath();
  const old = new Sqlite(file.path);
  old.exec("CREATE TABLE schema_migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT");
  const before = listMigrations().filter(({ number }) => number <= 2);
  for (const { number, name, hash, statements } of before) {
    for (const statement of statements) old.exec(statement);
    old.prepare("INSERT INTO schema_migration VALUES (?, ?, ?, 0)").run(number, name, hash);
  }
  old.pragma("user_version = 2");
  old.exec(`
    INSERT INTO user (id, username, display_name, email, email_normalized, password_hash, avatar_hue, search_text, created_at, updated_at)
    VALUES ('u', 'ada', 'Ada', 'a@b.test', 'a@b.test', 'x', 1, 'ada', 1, 1);
    INSERT INTO room (id, slug, name, epoch, head_seq, head_message_number, created_at, updated_at) VALUES ('r', 'r', 'R', 'e', 3, 3, 1, 1);
    INSERT INTO message (id, room_id, number, seq, last_seq, author_id, body, created_at, deleted_at) VALUES
      ('m3', 'r', 3, 3, 3, 'u', 'third kestrel', 3, NULL), ('m1', 'r', 1, 1, 1, 'u', 'first kestrel', 1, NULL),
      ('m2', 'r', 2, 2, 2, 'u', '', 2, 2)`);
  old.close();
  await migrate(file.path);
  await using db = openDatabase({ path: file.path });
  const asked = { roomIds: ["r"], authorId: null, fromMs: null, toMs: null, terms: readSearchTerms("kestrel") };
  const found = await db.read((tx) => messageSearchQueries.findNewest(tx, asked, { before: null, limit: 9 }));
  const hits = await db.read((tx) => messageSearchQueries.listHits(tx, asked, found.searchIds));
  expect(hits.map(({ message }) => message.id)).toEqual(["m3", "m1"]);
  expect(await db.write((tx) => messageSearchQueries.isIndexSound(tx))).toBe(true);
});
