import { expect, inject, test } from "vitest";
import { slidingWindow, slidingWindowLog, tokenBucket } from "../src/rate-limit/index.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");
const many = 2_000;

/** Milliseconds each key still lives; those already gone are left out. */
async function remainingMs({ redis, listKeys }: TestCore): Promise<number[]> {
  const keys = await listKeys();
  const ttls = await redis.port.batch(keys.map((key) => ({ name: "PTTL", keys: [key], args: [] })));
  return ttls.map((ttl) => (ttl.ok ? Number(ttl.reply) : Number.NaN)).filter((ms) => ms !== -2);
}

const each = (work: (index: number) => Promise<unknown>) =>
  Promise.all(Array.from({ length: many }, (_, index) => work(index)));

test("thousands of sessions, rotated, updated, ended or forgotten, are all gone after their time", async () => {
  await using env = await createTestCore(url);
  const sessions = env.core.sessions<{ count: number }>({ idle: "2s", absolute: "3s" });
  await each(async (index) => {
    const { token } = await sessions.create({ userId: `user-${index}`, data: { count: 0 } });
    const fates = [() => sessions.rotate(token), () => sessions.verify(token), () => sessions.revoke(token)];
    await fates[index % 4]?.();
    await sessions.update(token, { count: 1 });
  });
  const ttls = await remainingMs(env);
  expect(ttls.length).toBeLessThanOrEqual((many * 3) / 4);
  expect(ttls.filter((ms) => !(ms > 0 && ms <= 3_000))).toEqual([]);
  await eventually(async () => expect(await env.listKeys()).toEqual([]));
});

test("thousands of a limiter's identities are all gone after their windows", async () => {
  await using env = await createTestCore(url);
  const limiter = env.core.limiter("api", {
    user: slidingWindow(5, "1s"),
    address: slidingWindowLog(5, "1s"),
    device: tokenBucket({ rate: 5, per: "1s" }),
  });
  await each((index) => limiter.limit({ user: `u${index}`, address: `a${index}`, device: `d${index}` }));
  const ttls = await remainingMs(env);
  expect(ttls.filter((ms) => !(ms > 0 && ms <= 3_000))).toEqual([]);
  await eventually(async () => expect(await env.listKeys()).toEqual([]));
});

test("thousands of tagged cache entries are all gone after their time, but for the one key of their tags", async () => {
  await using env = await createTestCore(url);
  const cache = env.core.cache<number>("bulk", { ttl: "1s", jitter: 0, l1: false });
  const tags = (index: number) => [`org:${index % 50}`, `team:${index % 40}`, `plan:${index % 10}`];
  await each((index) => cache.set(`k${index}`, index, { tags: tags(index) }));
  await cache.invalidateTags(["org:1", "team:2", "plan:3"]);
  expect((await remainingMs(env)).filter((ms) => !(ms > 0 && ms <= 2 * 3_600_000))).toEqual([]);
  await eventually(async () => {
    const keys = await env.listKeys();
    expect(keys.filter((key) => !key.includes(":cache:meta:"))).toEqual([]);
    expect(keys).toHaveLength(1);
  });
});
