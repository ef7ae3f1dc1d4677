import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { oneTimeTokenQueries, sessionQueries, userQueries } from "../src/index.ts";
import { addUser, NOW_MS } from "./fixtures.ts";
import { createTempDatabase } from "./temp-database.ts";

const HOUR_MS = 3_600_000;

const digestOf = (secret: string) => createHash("sha256").update(secret).digest("hex");

describe("users", () => {
  test("are found by handle and address in any case, and for sign-in by either", async () => {
    await using temp = await createTempDatabase();
    const ada = await temp.db.write((tx) => addUser(tx, "ada"));
    await temp.db.read((tx) => {
      expect(userQueries.findByUsername(tx, "ADA")?.id).toBe(ada.id);
      expect(userQueries.findByEmail(tx, " Ada@Example.test")?.id).toBe(ada.id);
      expect(userQueries.findForLogin(tx, "Ada")?.id).toBe(ada.id);
      expect(userQueries.findForLogin(tx, "ada@EXAMPLE.test")?.id).toBe(ada.id);
      expect(userQueries.findForLogin(tx, "nobody")).toBeUndefined();
    });
  });

  test("are searched by what they contain, best first, with % and _ as ordinary characters", async () => {
    await using temp = await createTempDatabase();
    await temp.db.write((tx) => {
      for (const [username, displayName] of [
        ["zoe", "Zoë Banks"],
        ["banksy", "Somebody"],
        ["hundred", "100 % Banked"],
        ["riverbank", "Reed"],
        ["bank", "The Bank"],
      ] as const) {
        const email = `${username}@example.test`;
        userQueries.create(tx, { username, displayName, email, passwordHash: "x", nowMs: NOW_MS });
      }
    });
    await temp.db.read((tx) => {
      const names = (query: string) => userQueries.search(tx, query).map(({ username }) => username);
      expect(names("BANK")).toEqual(["bank", "banksy", "hundred", "zoe", "riverbank"]);
      expect(names("zoe b")).toEqual(["zoe"]);
      expect(names("ZOË")).toEqual(["zoe"]);
      expect(names("%")).toEqual(["hundred"]);
      expect(names("_")).toEqual([]);
      expect(names("  ")).toEqual([]);
      expect(userQueries.search(tx, "a", 1).length).toBe(1);
    });
  });

  test("are found under their new name after a change, and listed in the order asked for", async () => {
    await using temp = await createTempDatabase();
    const [ada, bo] = await temp.db.write((tx) => [addUser(tx, "ada"), addUser(tx, "bo")]);
    const changes = { displayName: "Countess Lovelace", bio: "Notes" };
    const changed = await temp.db.write((tx) =>
      userQueries.update(tx, ada?.id ?? "", changes, { nowMs: NOW_MS + 1 }),
    );
    expect(changed).toMatchObject({ ...changes, updatedAtMs: NOW_MS + 1, email: "ada@example.test" });
    await temp.db.read((tx) => {
      expect(userQueries.search(tx, "lovel")[0]?.username).toBe("ada");
      const listed = userQueries.listByIds(tx, [bo?.id ?? "", "nobody", ada?.id ?? ""]);
      expect(listed.map(({ username }) => username)).toEqual(["bo", "ada"]);
      expect(Object.keys(listed[0] ?? {})).not.toContain("passwordHash");
    });
    const nobody = temp.db.write((tx) => userQueries.update(tx, "nobody", {}, { nowMs: NOW_MS }));
    expect(await nobody).toBeUndefined();
  });
});

describe("sessions", () => {
  async function createSessions() {
    const temp = await createTempDatabase();
    const userId = await temp.db.write((tx) => {
      const { id } = addUser(tx, "ada");
      for (const session of ["one", "two", "three"]) {
        sessionQueries.insert(tx, {
          id: session,
          userId: id,
          secretDigest: digestOf(session),
          data: { theme: "dark" },
          device: { browser: "Firefox" },
          createdAtMs: NOW_MS,
          expiresAtMs: NOW_MS + HOUR_MS,
          absoluteExpiresAtMs: NOW_MS + 3 * HOUR_MS,
        });
      }
      return id;
    });
    return { ...temp, userId, [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose]() };
  }

  test("live longer when touched, never past the absolute limit and never shorter", async () => {
    await using t = await createSessions();
    const touch = (lastSeenAtMs: number, expiresAtMs: number) =>
      t.db.write((tx) => {
        sessionQueries.touch(tx, "one", { lastSeenAtMs, expiresAtMs });
        const row = sessionQueries.findById(tx, "one");
        return [row?.lastSeenAtMs, row?.expiresAtMs];
      });
    expect(await touch(NOW_MS + 5, NOW_MS + 2 * HOUR_MS)).toEqual([NOW_MS + 5, NOW_MS + 2 * HOUR_MS]);
    expect(await touch(NOW_MS + 3, NOW_MS + HOUR_MS)).toEqual([NOW_MS + 5, NOW_MS + 2 * HOUR_MS]);
    expect(await touch(NOW_MS + 9, NOW_MS + 99 * HOUR_MS)).toEqual([NOW_MS + 9, NOW_MS + 3 * HOUR_MS]);
  });

  test("once revoked stay revoked, and are unsynced until Redis knows", async () => {
    await using t = await createSessions();
    await t.db.write((tx) => {
      expect(sessionQueries.revoke(tx, "one", NOW_MS + 1)?.id).toBe("one");
      expect(sessionQueries.revoke(tx, "one", NOW_MS + 2)).toBeUndefined();
      expect(
        sessionQueries.touch(tx, "one", { lastSeenAtMs: NOW_MS + 3, expiresAtMs: NOW_MS + HOUR_MS }),
      ).toBe(false);
      const one = { userId: t.userId, id: "one" };
      expect(sessionQueries.update(tx, { ...one, revision: 2 }, { data: {}, device: null }, NOW_MS)).toBeUndefined();
      const change = { from: digestOf("one"), to: digestOf("1"), previousValidUntilMs: NOW_MS };
      expect(sessionQueries.rotate(tx, one, change, NOW_MS)).toBeUndefined();
      expect(sessionQueries.findByDigest(tx, t.userId, digestOf("one"), NOW_MS)).toBeUndefined();
      expect(sessionQueries.hasUnsynced(tx, t.userId)).toBe(true);
      expect(sessionQueries.listUnsynced(tx, { limit: 9 }).map(({ id }) => id)).toEqual(["one"]);
      sessionQueries.markSynced(tx, [{ id: "one", revision: 2 }]);
      expect(sessionQueries.hasUnsynced(tx, t.userId)).toBe(false);
      expect(sessionQueries.listRevokedSince(tx, NOW_MS + 1, 9).map(({ id }) => id)).toEqual(["one"]);
      expect(sessionQueries.findById(tx, "one")).toMatchObject({
        revokedAtMs: NOW_MS + 1,
        data: { theme: "dark" },
      });
    });
  });

  test("keep their id through rotations, and are found by the new secret and the one before it", async () => {
    await using t = await createSessions();
    const rotate = (from: string, to: string) =>
      t.db.write((tx) =>
        sessionQueries.rotate(
          tx,
          { userId: t.userId, id: "one" },
          { from: digestOf(from), to: digestOf(to), previousValidUntilMs: NOW_MS + 5 },
          NOW_MS,
        ),
      );
    expect(await rotate("one", "second")).toMatchObject({ id: "one", revision: 2, redisSynced: false });
    expect(await rotate("one", "again")).toBeUndefined();
    expect(await rotate("second", "third")).toMatchObject({
      secretDigest: digestOf("third"),
      previousDigest: digestOf("second"),
      previousValidUntilMs: NOW_MS + 5,
      revision: 3,
    });
    await t.db.read((tx) => {
      const idOf = (secret: string, userId = t.userId, nowMs = NOW_MS) =>
        sessionQueries.findByDigest(tx, userId, digestOf(secret), nowMs)?.id;
      expect(["one", "second", "third"].map((secret) => idOf(secret))).toEqual([undefined, "one", "one"]);
      expect(idOf("third", "somebody else")).toBeUndefined();
      expect(idOf("third", t.userId, NOW_MS + HOUR_MS)).toBeUndefined();
    });
  });

  test("are updated only from the revision that was read, and stay unsynced when changed again", async () => {
    await using t = await createSessions();
    const update = (revision: number, theme: string) =>
      t.db.write((tx) =>
        sessionQueries.update(tx, { userId: t.userId, id: "one", revision }, { data: { theme }, device: null }, NOW_MS),
      );
    expect(await update(1, "light")).toMatchObject({ data: { theme: "light" }, revision: 2 });
    expect(await update(1, "sepia")).toBeUndefined();
    expect(await update(2, "sepia")).toMatchObject({ data: { theme: "sepia" }, revision: 3 });
    await t.db.write((tx) => {
      sessionQueries.markSynced(tx, [{ id: "one", revision: 2 }]);
      const unsynced = sessionQueries.listUnsynced(tx, { userId: t.userId });
      expect(unsynced.map(({ id, revision }) => [id, revision])).toEqual([["one", 3]]);
      sessionQueries.markSynced(tx, [{ id: "one", revision: 3 }]);
      expect(sessionQueries.listUnsynced(tx, { userId: t.userId })).toEqual([]);
    });
  });

  test("cannot be stored by their secret, nor two with the same one", async () => {
    await using t = await createSessions();
    const times = { createdAtMs: 1, expiresAtMs: 2, absoluteExpiresAtMs: 3 };
    const insert = (secretDigest: string) =>
      t.db.write((tx) =>
        sessionQueries.insert(tx, { id: "new", userId: t.userId, secretDigest, data: {}, ...times }),
      );
    await expect(insert("Zm9vYmFy".repeat(8))).rejects.toThrow(/session_secret_digest_sha256/);
    await expect(insert(digestOf("one"))).rejects.toThrow(/same secret_digest/);
  });

  test("of a member can all be revoked but one", async () => {
    await using t = await createSessions();
    await t.db.write((tx) => {
      const revoked = sessionQueries.revokeLive(tx, t.userId, { nowMs: NOW_MS + 1, exceptId: "two" });
      expect(revoked.map(({ id }) => id).sort()).toEqual(["one", "three"]);
      expect(sessionQueries.listActive(tx, t.userId, NOW_MS + 2).map(({ id }) => id)).toEqual(["two"]);
      expect(sessionQueries.listActive(tx, t.userId, NOW_MS + HOUR_MS)).toEqual([]);
    });
  });

  test("are forgotten after they expire, but not before Redis knows that they were revoked", async () => {
    await using t = await createSessions();
    await t.db.write((tx) => {
      sessionQueries.revoke(tx, "one", NOW_MS + 1);
      expect(sessionQueries.deleteExpired(tx, NOW_MS + HOUR_MS, 10)).toBe(0);
      expect(sessionQueries.deleteExpired(tx, NOW_MS + HOUR_MS + 1, 1)).toBe(1);
      expect(sessionQueries.deleteExpired(tx, NOW_MS + HOUR_MS + 1, 10)).toBe(1);
      expect(sessionQueries.findById(tx, "one")).toBeDefined();
    });
  });
});

test("a one-time token works once, for its purpose, in time, and only the newest", async () => {
  await using temp = await createTempDatabase();
  const purpose = "reset-password" as const;
  await temp.db.write((tx) => {
    const token = {
      userId: addUser(tx, "ada").id,
      purpose,
      payload: {},
      createdAtMs: NOW_MS,
      expiresAtMs: NOW_MS + 10,
    };
    oneTimeTokenQueries.insert(tx, { ...token, id: "first" });
    oneTimeTokenQueries.insert(tx, { ...token, id: "second" });
  });
  const consume = (id: string, nowMs: number) =>
    temp.db.write((tx) => oneTimeTokenQueries.consume(tx, { id, purpose, nowMs }));
  expect(await consume("first", NOW_MS)).toBeUndefined();
  expect(await consume("second", NOW_MS + 10)).toBeUndefined();
  const uses = await Promise.all(Array.from({ length: 50 }, () => consume("second", NOW_MS)));
  expect(uses.filter((row) => row !== undefined).length).toBe(1);
});
