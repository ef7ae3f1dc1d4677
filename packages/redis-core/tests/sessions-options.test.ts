import { describe, expect, expectTypeOf, inject, test, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import { Misuse } from "../src/errors.ts";
import { SchemaMismatch } from "../src/schema.ts";
import { SessionLimitReached, type Sessions, type SessionsOptions } from "../src/sessions/index.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { MemorySessionRecords } from "./support/memory-session-records.ts";
import { recordTelemetry } from "./support/record-telemetry.ts";

const url = inject("redisUrl");
const lasts = { idle: "1h", absolute: "5h" } as const;

interface Data {
  readonly role: string;
}

const member = { role: "member" };

/** The same story in Redis alone and with a record behind it. */
const places = {
  "in Redis": (env: TestCore, options: Partial<SessionsOptions<Data>>) =>
    env.core.sessions<Data>({ ...lasts, ...options }),
  "with a record": (env: TestCore, options: Partial<SessionsOptions<Data>>) =>
    env.core.sessions<Data>({ ...lasts, ...options, records: new MemorySessionRecords<Data>() }),
} satisfies Record<string, (env: TestCore, options: Partial<SessionsOptions<Data>>) => Sessions<Data>>;

describe.each(Object.entries(places))("sessions %s", (_, open) => {
  test("onMax: the oldest goes, or the one unused for longest, or nobody and the sign-in is refused", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const outcomes: Record<string, boolean[]> = {};
    for (const onMax of ["revoke-oldest", "revoke-idlest", "refuse"] as const) {
      const sessions = open(env, { onMax, maxPerUser: 2 });
      const signIn = () => sessions.create({ userId: onMax, data: member });
      const first = await signIn();
      clock.advance(60_000);
      const second = await signIn();
      clock.advance(60_000);
      await sessions.verify(first.token);
      if (onMax === "refuse") {
        const refused = signIn();
        await expect(refused).rejects.toThrow(SessionLimitReached);
        await expect(refused).rejects.toMatchObject({ code: "SESSION_LIMIT_REACHED", maxPerUser: 2 });
        await sessions.revoke(second.token);
      }
      const third = await signIn();
      const alive = [first, second, third].map(async ({ token }) => (await sessions.verify(token)) !== null);
      outcomes[onMax] = await Promise.all(alive);
    }
    expect(outcomes).toEqual({
      "revoke-oldest": [false, true, true],
      "revoke-idlest": [true, false, true],
      refuse: [true, false, true],
    });
  });

  test("rotateEvery: a token of that age is due, its successor not, the old one in its grace neither", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = open(env, { rotateEvery: "30m", rotationGrace: "5m", touchEvery: "1m" });
    const { token } = await sessions.create({ userId: "ada", data: member });
    const isDue = async (each: string) => (await sessions.verify(each))?.isRotationDue;
    clock.advance(29 * 60_000);
    expect(await isDue(token)).toBe(false);
    clock.advance(60_000);
    expect(await isDue(token)).toBe(true);
    const rotated = await sessions.rotate(token);
    expect(await isDue(token)).toBe(false);
    expect(await isDue(rotated?.token ?? "")).toBe(false);
    clock.advance(30 * 60_000);
    expect(await isDue(rotated?.token ?? "")).toBe(true);
    expect(await open(env, {}).verify(rotated?.token ?? "")).not.toMatchObject({ isRotationDue: true });
  });

  test("setDevice changes the device and nothing else, and loses no update beside it", async () => {
    await using env = await createTestCore(url);
    const sessions = open(env, {});
    const { token, session } = await sessions.create({ userId: "ada", data: member, device: { label: "old" } });
    const more = ({ role }: Data) => ({ role: `${role}+` });
    await Promise.all([
      sessions.update(token, more),
      sessions.setDevice(token, { label: "new", address: "203.0.113.9" }),
      sessions.update(token, more),
    ]);
    const device = { label: "new", address: "203.0.113.9" };
    expect(await sessions.verify(token)).toMatchObject({ id: session.id, data: { role: "member++" }, device });
    expect((await sessions.setDevice(token, null))?.device).toBeNull();
    await sessions.revoke(token);
    expect(await sessions.setDevice(token, device)).toBeNull();
  });

  test("isTouched: exactly when the expiry moved, by as much as it says", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = open(env, { touchEvery: "10m" });
    const { token, session } = await sessions.create({ userId: "ada", data: member });
    let { expiresAtMs } = session;
    for (let minute = 1; minute <= 60; minute += 1) {
      clock.advance(60_000);
      const seen = await sessions.verify(token);
      expect(seen?.isTouched, `in minute ${minute}`).toBe(seen?.expiresAtMs !== expiresAtMs);
      expect(seen?.isTouched).toBe(minute % 10 === 0);
      expiresAtMs = seen?.expiresAtMs ?? 0;
    }
  });
});

describe("a schema", () => {
  const schema = (value: unknown): Data => {
    const { role, admin } = value as { role?: unknown; admin?: unknown };
    if (admin === true) {
      // Data of an older release.
      return { role: "admin" };
    }
    if (role !== "member" && role !== "admin") {
      throw new Error("a role is member or admin");
    }
    return { role };
  };

  test.each(Object.entries(places))("%s: refuses data that does not fit, brings old data up to date", async (_, open) => {
    const telemetry = recordTelemetry();
    await using env = await createTestCore(url, { telemetry });
    const records = new MemorySessionRecords<Data>();
    const kept = open === places["with a record"] ? { records } : {};
    const sessions = env.core.sessions<Data>({ ...lasts, ...kept, schema });
    const before = env.core.sessions<object>({ ...lasts, ...(kept as object) });
    await expect(sessions.create({ userId: "ada", data: { role: "king" } })).rejects.toThrow(SchemaMismatch);
    expect(await env.listKeys()).toEqual([]);
    const { token } = await sessions.create({ userId: "ada", data: member });
    await expect(sessions.update(token, { role: "king" })).rejects.toThrow("a role is member or admin");
    expect((await sessions.verify(token))?.data).toEqual(member);
    const old = await before.create({ userId: "ada", data: { admin: true } });
    expect((await sessions.verify(old.token))?.data).toEqual({ role: "admin" });
    expect((await sessions.update(old.token, {}))?.data).toEqual({ role: "admin" });
    const foreign = await before.create({ userId: "ada", data: { theme: "dark" } });
    expect(await sessions.verify(foreign.token)).toBeNull();
    expect(await sessions.update(foreign.token, member)).toBeNull();
    expect(await sessions.list("ada")).toHaveLength(2);
    expect(telemetry.total("session_schema_mismatch_total")).toBeGreaterThan(0);
    expect(await sessions.revokeAll("ada")).toBe(3);
  });

  test("gives the data its type", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions({ ...lasts, schema });
    expectTypeOf(sessions).toEqualTypeOf<Sessions<Data>>();
  });
});

describe("bad input", () => {
  test("options out of range are refused by name", async () => {
    await using env = await createTestCore(url);
    const wrong: [Partial<SessionsOptions<Data>>, string][] = [
      [{ idle: Number.NaN }, "idle"],
      [{ idle: -1 }, "idle"],
      [{ idle: 0 }, "idle"],
      [{ idle: "6h" }, "idle"],
      [{ absolute: Number.POSITIVE_INFINITY }, "absolute"],
      [{ absolute: 1e300 }, "absolute"],
      [{ absolute: "5 hours" as "5h" }, "absolute"],
      [{ touchEvery: "40m" }, "touchEvery"],
      [{ touchEvery: Number.NaN }, "touchEvery"],
      [{ rotationGrace: -1 }, "rotationGrace"],
      [{ rotationGrace: 1e300 }, "rotationGrace"],
      [{ rotateEvery: 0 }, "rotateEvery"],
      [{ maxPerUser: 0 }, "maxPerUser"],
      [{ maxPerUser: 101 }, "maxPerUser"],
      [{ maxPerUser: Number.NaN }, "maxPerUser"],
      [{ maxPerUser: 1.5 }, "maxPerUser"],
      [{ onMax: "explode" as "refuse" }, "onMax"],
      [{ onUnavailable: "record" }, "onUnavailable"],
    ];
    for (const [options, name] of wrong) {
      const open = () => env.core.sessions<Data>({ ...lasts, ...options });
      expect(open).toThrow(Misuse);
      expect(open).toThrow(name);
    }
  });

  test("user ids that no token can carry are refused, and nothing is left of them", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<Data>(lasts);
    for (const userId of ["", "x".repeat(257), "x".repeat(10_240), "é".repeat(129), "\uD800", "a\uDFFF"]) {
      await expect(sessions.create({ userId, data: member })).rejects.toThrow(Misuse);
    }
    for (const userId of ["", "\uD800"]) {
      await expect(sessions.list(userId)).rejects.toThrow(Misuse);
      await expect(sessions.revokeAll(userId)).rejects.toThrow(Misuse);
    }
    const long = "x".repeat(10_240);
    expect(await sessions.list(long)).toEqual([]);
    expect(await sessions.revokeAll(long)).toBe(0);
    const greatest = await sessions.create({ userId: "x".repeat(256), data: member });
    expect((await sessions.verify(greatest.token))?.userId).toBe("x".repeat(256));
    expect(await env.listKeys()).toHaveLength(1);
  });

  test("tokens and ids of any other kind cost no round trip", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<Data>(lasts);
    const run = vi.spyOn(env.redis.port, "run");
    const secret = "A".repeat(43);
    const tokens: unknown[] = [undefined, null, 7, {}, [], "", "null", "a".repeat(1_000_000), "\uD800", "\u0000"];
    tokens.push(`YWRh.${secret}\n`, `YWRh.${secret}=`, `YWRh..${secret}`, `YWRh.${secret.slice(1)}é`);
    // Another spelling of the same bytes, bytes that are no UTF-8, an id that is too long.
    tokens.push(`YWRhZR.${secret}`, `YWRhZQ==.${secret}`, `__8.${secret}`, `${"A".repeat(344)}.${secret}`);
    for (const each of tokens) {
      const token = each as string;
      expect(await sessions.verify(token)).toBeNull();
      expect(await sessions.update(token, member)).toBeNull();
      expect(await sessions.setDevice(token, null)).toBeNull();
      expect(await sessions.rotate(token)).toBeNull();
      expect(await sessions.revokeOthers(token)).toBe(0);
      if (typeof each === "string") {
        expect(await sessions.revoke(token)).toBe(false);
      }
    }
    for (const id of ["", "x", "a,b", "*", "A".repeat(32), `${"a".repeat(32)},${"b".repeat(32)}`]) {
      expect(await sessions.revoke({ userId: "ada", id })).toBe(false);
    }
    expect(run).not.toHaveBeenCalled();
  });

  test("data that cannot be stored is refused, and the session stays as it was", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<unknown>(lasts);
    await expect(sessions.create({ userId: "ada", data: () => 1 })).rejects.toThrow(Misuse);
    expect(await env.listKeys()).toEqual([]);
    const data = { at: new Date(0), tags: new Set(["a|b", "1j"]), big: 7n, text: "|0|-|s2" };
    const { token } = await sessions.create({ userId: "ada", data });
    await expect(sessions.update(token, () => Symbol("x"))).rejects.toThrow(Misuse);
    await expect(
      sessions.update(token, () => {
        throw new Error("changed my mind");
      }),
    ).rejects.toThrow("changed my mind");
    expect((await sessions.verify(token))?.data).toEqual(data);
    expect(await sessions.revoke(token)).toBe(true);
  });
});
