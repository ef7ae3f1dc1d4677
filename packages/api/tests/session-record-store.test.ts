import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, migrate, openDatabase, userQueries } from "@cardinal/db";
import type { SessionRecord } from "@cardinal/redis-core/sessions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SessionData } from "../src/deps/app-deps.ts";
import { createSessionRecordStore } from "../src/deps/session-record-store.ts";

const digestOf = (secret: string) => createHash("sha256").update(secret).digest("hex");
const start = 1_750_000_000_000;
let folder: string;
let db: Database;
let now: number;
let userId: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cardinal-records-"));
  const path = join(folder, "test.db");
  await migrate(path);
  db = openDatabase({ path });
  now = start;
  const account = { username: "ada", displayName: "Ada", email: "a@example.test", passwordHash: "none" };
  userId = (await db.write((tx) => userQueries.create(tx, { ...account, nowMs: start }))).id;
});

afterEach(async () => {
  await db.close();
  await rm(folder, { recursive: true });
});

const changed = { data: { via: "password" }, device: { userAgent: "another" } } as const;

const store = () => createSessionRecordStore(db, () => now);

function record(id: string, changes: Partial<SessionRecord<SessionData>> = {}): SessionRecord<SessionData> {
  return {
    userId,
    id,
    secretDigest: digestOf(id),
    previousDigest: null,
    previousValidUntilMs: 0,
    data: { via: "password" },
    device: { userAgent: "test" },
    createdAtMs: now,
    lastSeenAtMs: now,
    expiresAtMs: now + 1_000,
    absoluteUntilMs: now + 5_000,
    revision: 1,
    ...changes,
  };
}

describe("session records in SQLite", () => {
  it("come back as they went in, by secret and by list, until they expire", async () => {
    const one = record("one");
    await store().insert(one, 10, "revoke-oldest");
    expect(await store().find(userId, digestOf("one"))).toEqual(one);
    expect(await store().find(userId, digestOf("other"))).toBeNull();
    expect(await store().find("somebody else", digestOf("one"))).toBeNull();
    expect(await store().list(userId)).toEqual([one]);
    now += 1_000;
    expect(await store().find(userId, digestOf("one"))).toBeNull();
  });

  it("past the most a member may have push out the oldest, and say which", async () => {
    for (const id of ["a", "b", "c"]) {
      await store().insert(record(id), 3, "revoke-oldest");
      now += 1;
    }
    const drops = await store().insert(record("d"), 3, "revoke-oldest");
    expect(drops?.map(({ id }) => id)).toEqual(["a"]);
    expect((await store().list(userId)).map(({ id }) => id).toSorted()).toEqual(["b", "c", "d"]);
    expect(await store().hasPending(userId)).toBe(true);
  });

  it("past the most push out the one unused for longest, or are refused, as asked", async () => {
    for (const id of ["a", "b"]) {
      await store().insert(record(id), 2, "revoke-oldest");
      now += 1;
    }
    expect(await store().insert(record("c"), 2, "refuse")).toBeNull();
    expect(await store().find(userId, digestOf("c"))).toBeNull();
    await store().touch(userId, "a", { lastSeenAtMs: now, expiresAtMs: now + 1_000 });
    const drops = await store().insert(record("d"), 2, "revoke-idlest");
    expect(drops?.map(({ id }) => id)).toEqual(["b"]);
  });

  it("stay revoked, whatever comes after", async () => {
    await store().insert(record("one"), 10, "revoke-oldest");
    const [drop] = await store().revoke(userId, { ids: ["one"] }, now);
    expect(await store().revoke(userId, { all: true }, now)).toEqual([]);
    await store().touch(userId, "one", { lastSeenAtMs: now + 1, expiresAtMs: now + 2_000 });
    expect(await store().find(userId, digestOf("one"))).toBeNull();
    expect(await store().update(userId, "one", 1, changed)).toBeNull();
    expect(
      await store().rotate(userId, "one", { from: digestOf("one"), to: digestOf("x"), previousValidUntilMs: 0 }),
    ).toBeNull();
    expect(await store().pending()).toEqual([drop]);
    expect(await store().revokedSince(now)).toEqual([{ userId, id: "one" }]);
    await store().confirm([drop!]);
    expect(await store().hasPending(userId)).toBe(false);
  });

  it("revoke all but one when asked", async () => {
    for (const id of ["a", "b", "c"]) {
      await store().insert(record(id), 10, "revoke-oldest");
    }
    const drops = await store().revoke(userId, { exceptId: "b" }, now);
    expect(drops.map(({ id }) => id).toSorted()).toEqual(["a", "c"]);
    expect((await store().list(userId)).map(({ id }) => id)).toEqual(["b"]);
  });

  it("rotate once for each secret and are found by the old one too", async () => {
    await store().insert(record("one"), 10, "revoke-oldest");
    const change = { from: digestOf("one"), to: digestOf("two"), previousValidUntilMs: now + 10 };
    expect(await store().rotate(userId, "one", change)).toMatchObject({ id: "one" });
    expect(await store().rotate(userId, "one", change)).toBeNull();
    const found = await store().find(userId, digestOf("one"));
    expect(found).toMatchObject({ secretDigest: digestOf("two"), previousDigest: digestOf("one"), revision: 2 });
    expect(await store().find(userId, digestOf("two"))).toEqual(found);
  });

  it("are updated only from the revision that was read, and a later change outlives an earlier confirmation", async () => {
    await store().insert(record("one"), 10, "revoke-oldest");
    const first = await store().update(userId, "one", 1, changed);
    expect(await store().update(userId, "one", 1, changed)).toBeNull();
    const second = await store().update(userId, "one", 2, changed);
    expect(await store().find(userId, digestOf("one"))).toMatchObject({ ...changed, revision: 3 });
    await store().confirm([first!]);
    expect(await store().hasPending(userId)).toBe(true);
    await store().confirm([second!]);
    expect(await store().hasPending(userId)).toBe(false);
  });

  it("never move their expiry back, nor past the absolute end", async () => {
    await store().insert(record("one"), 10, "revoke-oldest");
    await store().touch(userId, "one", { lastSeenAtMs: now + 5, expiresAtMs: now + 900_000 });
    await store().touch(userId, "one", { lastSeenAtMs: now, expiresAtMs: now + 1 });
    expect(await store().find(userId, digestOf("one"))).toMatchObject({
      lastSeenAtMs: now + 5,
      expiresAtMs: now + 5_000,
    });
  });
});
