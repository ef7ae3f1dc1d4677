import { describe, expect, test } from "vitest";
import { oneTimeTokenQueries, sessionQueries, userQueries } from "../src/index.ts";
import { addUser, NOW_MS } from "./fixtures.ts";
import { createTempDatabase } from "./temp-database.ts";

const HOUR_MS = 3_600_000;

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
      expect(sessionQueries.updateData(tx, "one", {})).toBe(false);
      expect(sessionQueries.hasUnsyncedRevocation(tx, t.userId)).toBe(true);
      expect(sessionQueries.listUnsyncedRevocations(tx, 9).map(({ id }) => id)).toEqual(["one"]);
      sessionQueries.markRevocationSynced(tx, ["one"]);
      expect(sessionQueries.hasUnsyncedRevocation(tx, t.userId)).toBe(false);
      expect(sessionQueries.listRevokedSince(tx, NOW_MS + 1, 9).map(({ id }) => id)).toEqual(["one"]);
      expect(sessionQueries.findById(tx, "one")).toMatchObject({
        revokedAtMs: NOW_MS + 1,
        data: { theme: "dark" },
      });
    });
  });

  test("of a member can all be revoked but one", async () => {
    await using t = await createSessions();
    await t.db.write((tx) => {
      const revoked = sessionQueries.revokeAllOfUser(tx, t.userId, { nowMs: NOW_MS + 1, exceptId: "two" });
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
