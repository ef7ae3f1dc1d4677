import Sqlite from "better-sqlite3";
import { describe, expect, test } from "vitest";
import {
  DatabaseClosed,
  DatabaseFull,
  DatabaseMisuse,
  DatabaseReadOnly,
  ForeignKeyViolation,
  openDatabase,
  schema,
  UniqueViolation,
  userQueries,
  type DatabaseEvent,
  type WriteTransaction,
} from "../src/index.ts";
import { addUser, NOW_MS } from "./fixtures.ts";
import { createTempDatabase } from "./temp-database.ts";

const addTag = (tx: WriteTransaction, name: string) =>
  tx.statement("INSERT INTO tag (name, created_at) VALUES (?, ?)").run(name, NOW_MS);
const listTags = (tx: { statement: WriteTransaction["statement"] }) =>
  tx
    .statement<{ name: string }>("SELECT name FROM tag ORDER BY rowid")
    .all()
    .map((row) => row.name);

describe("db.write", () => {
  test("runs writes in the order in which they were asked for", async () => {
    await using temp = await createTempDatabase();
    const names = Array.from({ length: 50 }, (_, index) => `tag-${index}`);
    await Promise.all(names.map((name) => temp.db.write((tx) => addTag(tx, name))));
    expect(await temp.db.read(listTags)).toEqual(names);
  });

  test("groups writes that wait into one commit", async () => {
    const events: DatabaseEvent[] = [];
    await using temp = await createTempDatabase({ onEvent: (event) => events.push(event) });
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => temp.db.write((tx) => addTag(tx, `t${index}`))),
    );
    const commits = events.filter((event) => event.type === "commit");
    expect(commits.reduce((sum, commit) => sum + commit.writes, 0)).toBe(40);
    expect(commits.length).toBeLessThan(10);
  });

  test("rolls back the write that throws and keeps the others of its group", async () => {
    await using temp = await createTempDatabase();
    const boom = new Error("boom");
    const results = await Promise.allSettled([
      temp.db.write((tx) => addTag(tx, "before")),
      temp.db.write((tx) => {
        addTag(tx, "half");
        throw boom;
      }),
      temp.db.write((tx) => addTag(tx, "after")),
    ]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(results[1]).toMatchObject({ reason: boom });
    expect(await temp.db.read(listTags)).toEqual(["before", "after"]);
  });

  test("resolves only after the commit: another connection sees the row at once", async () => {
    await using temp = await createTempDatabase();
    const other = new Sqlite(temp.path, { readonly: true });
    const count = other.prepare<[], number>("SELECT count(*) FROM tag").pluck();
    for (let index = 1; index <= 20; index += 1) {
      await temp.db.write((tx) => addTag(tx, `t${index}`));
      expect(count.get()).toBe(index);
    }
    other.close();
  });

  test("refuses a callback that returns a promise, and undoes what it did", async () => {
    await using temp = await createTempDatabase();
    const late = Promise.withResolvers<unknown>();
    const write = temp.db.write(async (tx) => {
      addTag(tx, "async");
      await Promise.resolve();
      try {
        addTag(tx, "too late");
      } catch (error) {
        late.resolve(error);
      }
    });
    await expect(write).rejects.toThrow(DatabaseMisuse);
    expect(await late.promise).toBeInstanceOf(DatabaseMisuse);
    expect(await temp.db.read(listTags)).toEqual([]);
  });

  test("refuses a transaction that is used after its callback", async () => {
    await using temp = await createTempDatabase();
    const kept = await temp.db.write((tx) => ({ tx }));
    expect(() => kept.tx.orm).toThrow(DatabaseMisuse);
    expect(() => kept.tx.statement("SELECT 1")).toThrow(DatabaseMisuse);
  });

  test.each(["COMMIT", " begin immediate", "ROLLBACK", "savepoint x", "VACUUM"])(
    "refuses %s inside a callback",
    async (sql) => {
      await using temp = await createTempDatabase();
      const write = temp.db.write((tx) => {
        addTag(tx, "a");
        tx.statement(sql).run();
      });
      await expect(write).rejects.toThrow(DatabaseMisuse);
      expect(await temp.db.read(listTags)).toEqual([]);
    },
  );

  test("names the columns of a unique violation", async () => {
    await using temp = await createTempDatabase();
    await temp.db.write((tx) => addUser(tx, "ada"));
    const failure: unknown = await temp.db
      .write((tx) =>
        userQueries.create(tx, {
          username: "eve",
          displayName: "Eve",
          email: "ADA@example.test ",
          passwordHash: "x",
          nowMs: NOW_MS,
        }),
      )
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UniqueViolation);
    expect(failure).toMatchObject({ code: "UNIQUE_VIOLATION", table: "user", columns: ["email_normalized"] });
  });

  test("gives violated references, full disks and read-only misuse types of their own", async () => {
    await using temp = await createTempDatabase();
    const { db } = temp;
    const comment = { id: "c", postId: "no such post", authorId: "nobody", body: "?", createdAtMs: NOW_MS };
    await expect(db.write((tx) => tx.orm.insert(schema.comment).values(comment).run())).rejects.toThrow(
      ForeignKeyViolation,
    );
    await expect(db.read((tx) => tx.statement("DELETE FROM tag").run())).rejects.toThrow(DatabaseReadOnly);
  });

  test("fails a write that does not fit on the disk, keeps what was acknowledged, and recovers", async () => {
    await using temp = await createTempDatabase();
    const { db } = temp;
    await db.write((tx) => addTag(tx, "kept"));
    const pages = await db.write(
      (tx) => tx.statement<{ page_count: number }>("PRAGMA page_count").get()?.page_count,
    );
    await db.write((tx) => tx.statement(`PRAGMA max_page_count = ${(pages ?? 0) + 2}`).get());
    const large = db.write((tx) => {
      for (let index = 0; index < 2_000; index += 1) addTag(tx, `${"x".repeat(30)}${index}`);
    });
    await expect(large).rejects.toThrow(DatabaseFull);
    expect(await db.read(listTags)).toEqual(["kept"]);
    await db.write((tx) => tx.statement("PRAGMA max_page_count = 1000000").get());
    await db.write((tx) => addTag(tx, "more"));
    expect(await db.read(listTags)).toEqual(["kept", "more"]);
  });

  test("finishes the writes that wait before it closes, and refuses later ones", async () => {
    await using temp = await createTempDatabase();
    const writes = Array.from({ length: 300 }, (_, index) => temp.db.write((tx) => addTag(tx, `t${index}`)));
    const closing = temp.db.close();
    await expect(temp.db.write((tx) => addTag(tx, "late"))).rejects.toThrow(DatabaseClosed);
    await expect(temp.db.read(listTags)).rejects.toThrow(DatabaseClosed);
    await Promise.all(writes);
    await closing;
    await temp.db.close();
    await using again = openDatabase({ path: temp.path });
    expect(await again.read((tx) => listTags(tx).length)).toBe(300);
  });

  test("is not disturbed by an observer that throws", async () => {
    await using temp = await createTempDatabase({
      onEvent: () => {
        throw new Error("the observer is broken");
      },
    });
    const warned = new Promise((resolve) => process.once("warning", resolve));
    await temp.db.write((tx) => addTag(tx, "a"));
    expect(await temp.db.read(listTags)).toEqual(["a"]);
    await expect(warned).resolves.toMatchObject({ message: "the observer is broken" });
  });
});

describe("db.read", () => {
  test("sees one snapshot, whatever is written meanwhile", async () => {
    await using temp = await createTempDatabase();
    const other = new Sqlite(temp.path);
    const counts = await temp.db.read((tx) => {
      const before = listTags(tx).length;
      other.exec("INSERT INTO tag (name, created_at) VALUES ('meanwhile', 0)");
      return [before, listTags(tx).length];
    });
    other.close();
    expect(counts).toEqual([0, 0]);
    expect(await temp.db.read(listTags)).toEqual(["meanwhile"]);
  });

  test("refuses to be nested", async () => {
    await using temp = await createTempDatabase();
    const inner = await temp.db.read(() => ({ read: temp.db.read(listTags) }));
    await expect(inner.read).rejects.toThrow(DatabaseMisuse);
    expect(await temp.db.read(listTags)).toEqual([]);
  });
});
