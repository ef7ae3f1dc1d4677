import { createHash } from "node:crypto";
import { describe, expect, inject, test, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import type { Revocation } from "../src/sessions/index.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");
const options = { idle: "1h", absolute: "5h", touchEvery: "1m" } as const;

interface Data {
  readonly role: string;
  readonly count?: number;
}

async function remainingMs(env: TestCore): Promise<number> {
  const key = (await env.listKeys()).find((name) => name.includes("session:user")) ?? "";
  return Number(await env.redis.port.command("PTTL", [key], []));
}

describe("tokens", () => {
  test("a token opens its session, and only its digest is in Redis", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<Data>(options);
    const device = { userAgent: "Firefox", label: "desk" };
    const { token, session } = await sessions.create({ userId: "ada", data: { role: "admin" }, device });
    expect(token).toMatch(/^YWRh\.[A-Za-z0-9_-]{43}$/);
    expect(session).toMatchObject({ userId: "ada", data: { role: "admin" }, device, source: "redis" });
    expect(session.id).toMatch(/^[0-9a-f]{32}$/);
    expect(await sessions.verify(token)).toEqual({ ...session, isTouched: false, isRotationDue: false });
    const secret = token.split(".")[1] ?? "";
    for (const key of await env.listKeys()) {
      const dump = JSON.stringify(await env.redis.port.command("HGETALL", [key], []));
      expect(key + dump).not.toContain(secret);
    }
    expect(await env.listPermanentKeys()).toEqual([]);
  });

  test("malformed and forged tokens are null, the malformed without a round trip", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<Data>(options);
    const { token } = await sessions.create({ userId: "ada", data: { role: "member" } });
    const run = vi.spyOn(env.redis.port, "run");
    const [user = "", secret = ""] = token.split(".");
    const malformed = [
      "",
      ".",
      "a",
      user,
      `${user}.`,
      `${user}.${secret}x`,
      `${token}.x`,
      `*.${secret}`,
      `.${secret}`,
    ];
    malformed.push(
      `__8.${secret}`,
      `YW.${secret.slice(1)}`,
      `YWR.${secret}`,
      `${"a".repeat(400)}.${secret}`,
      ` ${token}`,
    );
    for (const each of malformed) {
      expect(await sessions.verify(each)).toBeNull();
      expect(await sessions.update(each, {})).toBeNull();
      expect(await sessions.rotate(each)).toBeNull();
      expect(await sessions.revoke(each)).toBe(false);
      expect(await sessions.revokeOthers(each)).toBe(0);
    }
    expect(run).not.toHaveBeenCalled();
    const forged = `${user}.${secret.startsWith("A") ? "B" : "A"}${secret.slice(1)}`;
    expect(await sessions.verify(forged)).toBeNull();
    expect(await sessions.revoke(forged)).toBe(false);
    expect(await sessions.revokeOthers(forged)).toBe(0);
    expect(await sessions.verify(token)).not.toBeNull();
  });

  test("a token of one user never opens another's session, whatever the ids", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<Data>(options);
    const ids = ["a:b", "a", "*", "{x}", "日本", "u".repeat(200)];
    for (const userId of ids) {
      const { token } = await sessions.create({ userId, data: { role: userId } });
      expect((await sessions.verify(token))?.userId).toBe(userId);
      const secret = token.split(".")[1] ?? "";
      for (const other of ids.filter((id) => id !== userId)) {
        expect(await sessions.verify(`${Buffer.from(other).toString("base64url")}.${secret}`)).toBeNull();
      }
    }
  });
});

describe("expiry", () => {
  test("idle, absolute, stored expiry and the key's TTL agree at every step", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = env.core.sessions<Data>(options);
    const { token, session } = await sessions.create({ userId: "ada", data: { role: "member" } });
    const startedAt = clock.nowMs();
    expect(session.expiresAtMs).toBe(startedAt + 3_600_000);
    for (let minute = 30; minute <= 290; minute += 30) {
      clock.set(startedAt + minute * 60_000);
      const seen = await sessions.verify(token);
      const expected = Math.min(clock.nowMs() + 3_600_000, startedAt + 5 * 3_600_000);
      expect(seen?.expiresAtMs).toBe(expected);
      // The key's TTL runs by the server's clock, which did not move: it may only be later than what is left.
      expect(await remainingMs(env)).toBeGreaterThan(expected - clock.nowMs() - 2_000);
    }
    clock.set(startedAt + 5 * 3_600_000 - 1);
    expect(await sessions.verify(token)).not.toBeNull();
    clock.advance(1);
    expect(await sessions.verify(token)).toBeNull();
    clock.advance(-60_000);
    expect(await sessions.verify(token)).toBeNull();
  });

  test("a session that is not used ends after idle; use is noted at most every touchEvery", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = env.core.sessions<Data>(options);
    const { token, session } = await sessions.create({ userId: "ada", data: { role: "member" } });
    clock.advance(59_999);
    expect((await sessions.verify(token))?.expiresAtMs).toBe(session.expiresAtMs);
    clock.advance(1);
    expect((await sessions.verify(token))?.expiresAtMs).toBe(session.expiresAtMs + 60_000);
    clock.advance(3_600_000);
    expect(await sessions.verify(token)).toBeNull();
    expect(await sessions.list("ada")).toEqual([]);
  });

  test("without a test clock the server's time is used and the TTL equals what is left", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<Data>(options);
    const { session } = await sessions.create({ userId: "ada", data: { role: "member" } });
    expect(Math.abs((await remainingMs(env)) - (session.expiresAtMs - Date.now()))).toBeLessThan(1_000);
  });

  test("verify is one round trip, with and without the touch", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = env.core.sessions<Data>(options);
    const { token } = await sessions.create({ userId: "ada", data: { role: "member" } });
    const run = vi.spyOn(env.redis.port, "run");
    const command = vi.spyOn(env.redis.port, "command");
    await sessions.verify(token);
    clock.advance(120_000);
    await sessions.verify(token);
    expect(run).toHaveBeenCalledTimes(2);
    expect(command).not.toHaveBeenCalled();
  });
});

describe("update", () => {
  test("parallel updates from two processes' worth of cores lose nothing", async () => {
    await using a = await createTestCore(url);
    await using b = await createTestCore(url, { prefix: a.prefix });
    const [left, right] = [a.core.sessions<Data>(options), b.core.sessions<Data>(options)];
    const { token } = await left.create({ userId: "ada", data: { role: "member", count: 0 } });
    const more = (data: Data) => ({ ...data, count: (data.count ?? 0) + 1 });
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => (index % 2 ? left : right).update(token, more)),
    );
    expect((await left.verify(token))?.data).toEqual({ role: "member", count: 40 });
    expect((await left.update(token, { role: "admin" }))?.data).toEqual({ role: "admin", count: 40 });
  });

  test("an update never brings back what was revoked in between", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<Data>(options);
    const { token } = await sessions.create({ userId: "ada", data: { role: "member" } });
    let revoked: Promise<boolean> | undefined;
    const run = env.redis.port.run.bind(env.redis.port);
    vi.spyOn(env.redis.port, "run").mockImplementation(async (script, ...rest) => {
      if (script.name === "sessions/replace" && !revoked) {
        revoked = sessions.revoke(token);
        await revoked;
      }
      return await run(script, ...rest);
    });
    expect(await sessions.update(token, { role: "admin" })).toBeNull();
    expect(await sessions.verify(token)).toBeNull();
    expect(await env.listKeys()).toEqual([]);
  });
});

describe("rotation", () => {
  test("the new token works, the old one for its grace, and the id stays", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = env.core.sessions<Data>({ ...options, rotationGrace: "10s" });
    const { token: first, session } = await sessions.create({ userId: "ada", data: { role: "member" } });
    const second = await sessions.rotate(first);
    expect(second?.session.id).toBe(session.id);
    const third = await sessions.rotate(second?.token ?? "");
    expect(await sessions.verify(first)).toBeNull();
    expect((await sessions.verify(second?.token ?? ""))?.id).toBe(session.id);
    expect((await sessions.verify(third?.token ?? ""))?.id).toBe(session.id);
    clock.advance(10_000);
    expect(await sessions.verify(second?.token ?? "")).toBeNull();
    expect((await sessions.verify(third?.token ?? ""))?.id).toBe(session.id);
    expect(await sessions.list("ada")).toHaveLength(1);
    expect(await sessions.revoke({ userId: "ada", id: session.id })).toBe(true);
    expect(await sessions.verify(third?.token ?? "")).toBeNull();
    expect(await env.listKeys()).toEqual([]);
  });

  test("of parallel rotations one wins; the losers' token dies with its grace", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = env.core.sessions<Data>({ ...options, rotationGrace: "10s" });
    const { token } = await sessions.create({ userId: "ada", data: { role: "member" } });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => sessions.rotate(token)));
    const winners = outcomes.filter((outcome) => outcome !== null);
    expect(winners).toHaveLength(1);
    expect(await sessions.verify(token)).not.toBeNull();
    clock.advance(10_000);
    expect(await sessions.verify(token)).toBeNull();
    expect(await sessions.rotate(token)).toBeNull();
    expect(await sessions.verify(winners[0]?.token ?? "")).not.toBeNull();
    expect(await sessions.list("ada")).toHaveLength(1);
  });

  test("a rotation extends idle, never the absolute end", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = env.core.sessions<Data>(options);
    const issued = await sessions.create({ userId: "ada", data: { role: "member" } });
    let { token } = issued;
    for (let round = 0; round < 5; round += 1) {
      clock.advance(3_500_000);
      token = (await sessions.rotate(token))?.token ?? "";
      const [key = ""] = await env.listKeys();
      expect(Number(await env.redis.port.command("HLEN", [key], []))).toBeLessThanOrEqual(3);
    }
    expect((await sessions.verify(token))?.expiresAtMs).toBe(issued.session.createdAtMs + 5 * 3_600_000);
  });
});

describe("revocation", () => {
  test("revoke, revokeOthers and revokeAll end exactly what they say", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<Data>(options);
    const signIn = (userId: string) => sessions.create({ userId, data: { role: "member" } });
    const [a, b, c, other] = await Promise.all([signIn("ada"), signIn("ada"), signIn("ada"), signIn("bo")]);
    const alive = async () =>
      await Promise.all([a, b, c, other].map(async ({ token }) => (await sessions.verify(token)) !== null));
    expect(await sessions.revoke(a.token)).toBe(true);
    expect(await sessions.revoke(a.token)).toBe(false);
    expect(await alive()).toEqual([false, true, true, true]);
    const rotated = await sessions.rotate(b.token);
    expect(await sessions.revokeOthers(rotated?.token ?? "")).toBe(1);
    expect(await alive()).toEqual([false, true, false, true]);
    expect(await sessions.revokeAll("ada")).toBe(1);
    expect(await sessions.verify(rotated?.token ?? "")).toBeNull();
    expect(await alive()).toEqual([false, false, false, true]);
    expect((await sessions.list("bo")).map(({ id }) => id)).toEqual([other.session.id]);
  });

  test("past maxPerUser the oldest goes, also when many sign in at once", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = env.core.sessions<Data>({ ...options, maxPerUser: 3 });
    const tokens: string[] = [];
    for (let index = 0; index < 4; index += 1) {
      tokens.push((await sessions.create({ userId: "ada", data: { role: "member" } })).token);
      clock.advance(1);
    }
    const alive = await Promise.all(tokens.map(async (token) => (await sessions.verify(token)) !== null));
    expect(alive).toEqual([false, true, true, true]);
    await Promise.all(
      Array.from({ length: 12 }, () => sessions.create({ userId: "bo", data: { role: "member" } })),
    );
    expect(await sessions.list("bo")).toHaveLength(3);
  });

  test("every process hears of every revocation once", async () => {
    const clock = manualClock();
    await using a = await createTestCore(url, { clock });
    await using b = await createTestCore(url, { prefix: a.prefix, clock });
    const [left, right] = [a, b].map(({ core }) => core.sessions<Data>({ ...options, maxPerUser: 2 }));
    if (!left || !right) {
      throw new Error("unreachable");
    }
    const heard: Record<"left" | "right", Revocation[]> = { left: [], right: [] };
    const stop = left.onRevoked((revocation) => heard.left.push(revocation));
    await stop.ready;
    await right.onRevoked((revocation) => heard.right.push(revocation)).ready;
    const userId = "a|da";
    const first = await left.create({ userId, data: { role: "member" } });
    clock.advance(1);
    const second = await left.create({ userId, data: { role: "member" } });
    await left.create({ userId, data: { role: "member" } });
    await right.revoke(second.token);
    const third = await right.create({ userId, data: { role: "member" } });
    await left.revokeOthers(third.token);
    await right.revokeAll(userId);
    const byKind = (one: Revocation, two: Revocation) =>
      JSON.stringify(one).localeCompare(JSON.stringify(two));
    const expected: Revocation[] = [
      { userId, kind: "some", ids: [first.session.id] },
      { userId, kind: "some", ids: [second.session.id] },
      { userId, kind: "others", keptId: third.session.id },
      { userId, kind: "all" },
    ];
    await eventually(() => {
      // Its own a process hears at once, so the order differs between processes.
      expect(heard.left.toSorted(byKind)).toEqual(expected.toSorted(byKind));
      expect(heard.right.toSorted(byKind)).toEqual(expected.toSorted(byKind));
    });
    stop();
    await right.revokeAll(userId);
    await eventually(() => expect(heard.right).toHaveLength(5));
    expect(heard.left).toHaveLength(4);
  });
});

test("foreign bytes and types under the user's key are no session and do not stop a sign-in", async () => {
  await using env = await createTestCore(url);
  const sessions = env.core.sessions<Data>(options);
  const { token, session } = await sessions.create({ userId: "ada", data: { role: "member" } });
  const [key = ""] = await env.listKeys();
  const digest = createHash("sha256").update(token.split(".")[1] ?? "").digest("hex");
  const [never, later] = ["0".repeat(14), "9".repeat(14)];
  const junks = ["", "s2", "p", `p${session.id}`, `s2${digest.slice(32)}`, `s1${digest.slice(32)}${later.repeat(5)}|1|-|0|`];
  for (const times of [never.repeat(5), "x".repeat(70), later.repeat(5), `${never}${later.repeat(4)}`]) {
    junks.push(`s2${digest.slice(32)}${times}|1|-|0|?`, `s2${digest.slice(32)}${times}|?`);
  }
  for (const junk of junks) {
    await env.redis.port.command("HSET", [key], [session.id, junk]);
    expect(await sessions.verify(token)).toBeNull();
    expect(await sessions.update(token, { role: "x" })).toBeNull();
    expect(await sessions.rotate(token)).toBeNull();
  }
  await env.redis.port.command("DEL", [key], []);
  await env.redis.port.command("LPUSH", [key], ["x"]);
  expect(await sessions.verify(token)).toBeNull();
  const again = await sessions.create({ userId: "ada", data: { role: "member" } });
  expect(await sessions.verify(again.token)).not.toBeNull();
  expect(await env.listPermanentKeys()).toEqual([]);
});
