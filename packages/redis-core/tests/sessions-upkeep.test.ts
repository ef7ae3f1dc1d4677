import { describe, expect, inject, test, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { deferred } from "./support/deferred.ts";
import { MemorySessionRecords } from "./support/memory-session-records.ts";

const url = inject("redisUrl");
const lasts = { idle: "1h", absolute: "5h", touchEvery: "1m" } as const;
const ada = { userId: "ada", data: null };
const hourMs = 3_600_000;

async function keyOf(env: TestCore): Promise<string> {
  const [key = ""] = await env.listKeys();
  return key;
}

describe("the key of a user", () => {
  /** The TTL after a call, of a key that had ten seconds left before it. */
  async function ttlAfter(env: TestCore, work: () => Promise<unknown>): Promise<number> {
    const key = await keyOf(env);
    await env.redis.port.command("PEXPIRE", [key], [10_000]);
    await work();
    return Number(await env.redis.port.command("PTTL", [key], []));
  }

  test("lives as long as the session that ends last: touch, rotation and sign-in prolong it", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = env.core.sessions<null>(lasts);
    const { token } = await sessions.create(ada);
    expect(await ttlAfter(env, () => sessions.verify(token))).toBeLessThanOrEqual(10_000);
    clock.advance(60_000);
    expect(await ttlAfter(env, () => sessions.verify(token))).toBeGreaterThan(hourMs - 5_000);
    let rotated: { readonly token: string } | null = null;
    expect(await ttlAfter(env, async () => (rotated = await sessions.rotate(token)))).toBeGreaterThan(hourMs - 5_000);
    expect(rotated).not.toBeNull();
    expect(await ttlAfter(env, () => sessions.create(ada))).toBeGreaterThan(hourMs - 5_000);
  });

  test("is not shortened by a sign-in that lasts less", async () => {
    await using env = await createTestCore(url);
    const { token } = await env.core.sessions<null>(lasts).create(ada);
    await env.core.sessions<null>({ idle: "1m", absolute: "5m" }).create(ada);
    const left = Number(await env.redis.port.command("PTTL", [await keyOf(env)], []));
    expect(left).toBeGreaterThan(hourMs - 5_000);
    expect(await env.core.sessions<null>(lasts).verify(token)).not.toBeNull();
  });

  test("is shortened when the session that ends last is revoked, and gone with the last one", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = env.core.sessions<null>(lasts);
    const first = await sessions.create(ada);
    clock.advance(hourMs / 2);
    const second = await sessions.create(ada);
    await sessions.revoke(second.token);
    const left = Number(await env.redis.port.command("PTTL", [await keyOf(env)], []));
    expect(left).toBeLessThanOrEqual(hourMs / 2);
    expect(left).toBeGreaterThan(hourMs / 2 - 5_000);
    await sessions.revoke(first.token);
    expect(await env.listKeys()).toEqual([]);
  });

  test("a restored session prolongs it", async () => {
    await using env = await createTestCore(url);
    const sessions = env.core.sessions<null>({ ...lasts, records: new MemorySessionRecords<null>() });
    const { token } = await sessions.create(ada);
    await sessions.verify(token);
    const key = await keyOf(env);
    await env.redis.port.command("DEL", [key], []);
    await sessions.verify(token);
    expect(Number(await env.redis.port.command("PTTL", [key], []))).toBeGreaterThan(hourMs - 5_000);
  });

  test("keeps nothing of sessions that ran out, rotated or not, past the next sign-in", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = env.core.sessions<null>(lasts);
    for (let index = 0; index < 5; index += 1) {
      const { token } = await sessions.create(ada);
      await sessions.rotate((await sessions.rotate(token))?.token ?? "");
    }
    clock.advance(hourMs);
    const { token } = await sessions.create(ada);
    expect(await env.redis.port.command("HLEN", [await keyOf(env)], [])).toBe(1);
    expect(await sessions.list("ada")).toHaveLength(1);
    expect(await sessions.verify(token)).not.toBeNull();
  });
});

test("readers that miss a copy share the right to put it back: one that is slow keeps no other from it", async () => {
  await using env = await createTestCore(url);
  const sessions = env.core.sessions<null>({ ...lasts, records: new MemorySessionRecords<null>() });
  const { token } = await sessions.create(ada);
  await sessions.verify(token);
  await env.redis.port.command("DEL", [await keyOf(env)], []);
  const [reached, release] = [deferred<void>(), deferred<void>()];
  const run = env.redis.port.run.bind(env.redis.port);
  let restores = 0;
  const spy = vi.spyOn(env.redis.port, "run").mockImplementation(async (script, ...rest) => {
    if (script.name === "sessions/restore" && (restores += 1) === 1) {
      reached.resolve();
      await release.promise;
    }
    return await run(script, ...rest);
  });
  const slow = sessions.verify(token);
  await reached.promise;
  expect((await sessions.verify(token))?.source).toBe("record");
  expect((await sessions.verify(token))?.source).toBe("redis");
  release.resolve();
  expect((await slow)?.source).toBe("record");
  expect((await sessions.verify(token))?.source).toBe("redis");
  spy.mockRestore();
});
