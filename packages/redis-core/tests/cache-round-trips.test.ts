import { startRedis } from "@cardinal/dev";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cache } from "../src/cache/index.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { countCommands } from "./support/count-commands.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";

let redis: Awaited<ReturnType<typeof startRedis>>;
let env: TestCore;
let cache: Cache<number>;

beforeAll(async () => {
  redis = await startRedis();
  env = await createTestCore(redis.url);
  cache = env.core.cache<number>("trips", { ttl: "1m", grace: "1m" });
  await everyCall(); // The server has every script from here on.
}, 30_000);

afterAll(async () => {
  await env[Symbol.asyncDispose]();
  await redis.stop();
});

const keys = ["m1", "m2", "m3"];
const loadMany = (missing: readonly string[]) => Promise.resolve(new Map(missing.map((key) => [key, 1])));

async function everyCall(): Promise<void> {
  await cache.getOrSetMany(keys, loadMany);
  await cache.getOrSet("k", () => 1);
  await Promise.all([cache.getOrSet("k2", () => 1), cache.getOrSet("k3", () => 1)]);
  await cache.getOrSet("skipped", ({ skip }) => skip() as undefined);
  await cache.expire("k");
  await cache.set("k", 1);
  await cache.delete("k");
  await cache.invalidateTags(["t"]);
  await cache.clear();
}

interface Trip {
  readonly before?: () => Promise<unknown>;
  readonly call: () => Promise<unknown>;
  readonly runs: number;
}

const cached = () => cache.set("k", 1, { tags: ["a", "b", "c"] });
const absent = () => cache.delete("k");
const trips: Record<string, Trip> = {
  "get, hit": { before: cached, call: () => cache.get("k"), runs: 1 },
  "get, miss": { before: absent, call: () => cache.get("k"), runs: 1 },
  "getWithMeta": { before: cached, call: () => cache.getWithMeta("k"), runs: 1 },
  "getOrSet, hit": { before: cached, call: () => cache.getOrSet("k", () => 2), runs: 1 },
  "getOrSet, hit whose tags have been looked at": {
    before: async () => {
      await cached();
      await cache.invalidateTags(["other"]);
    },
    call: () => cache.getOrSet("k", () => 2),
    runs: 1,
  },
  "getOrSet, miss": { before: absent, call: () => cache.getOrSet("k", () => 1, { tags: ["a", "b"] }), runs: 2 },
  "getOrSet, forced": { before: cached, call: () => cache.getOrSet("k", () => 2, { forceFresh: true }), runs: 2 },
  "getOrSet, ttl 0": { before: absent, call: () => cache.getOrSet("k", () => 1, { ttl: 0 }), runs: 0 },
  "getOrSet, skipped": {
    before: absent,
    call: () => cache.getOrSet("k", ({ skip }) => (skip(), 1)),
    runs: 2,
  },
  "getOrSet, stale, its refresh included": {
    before: async () => {
      await cached();
      await cache.expire("k");
    },
    call: async () => {
      const works: Promise<unknown>[] = [];
      await cache.getOrSet("k", () => 2, { waitUntil: (work) => void works.push(work) });
      await Promise.all(works);
    },
    runs: 2,
  },
  "30 hits of one turn": {
    before: () => Promise.all(keys.map((key) => cache.set(key, 1))),
    call: () => Promise.all(Array.from({ length: 30 }, (_, index) => cache.get(keys[index % 3] ?? ""))),
    runs: 1,
  },
  set: { call: () => cache.set("k", 1, { tags: ["a"] }), runs: 1 },
  delete: { before: cached, call: () => cache.delete("k"), runs: 1 },
  expire: { before: cached, call: () => cache.expire("k"), runs: 1 },
  invalidateTags: { before: cached, call: () => cache.invalidateTags(["a", "b", "c"]), runs: 1 },
  "invalidateTags, expire": { call: () => cache.invalidateTags(["a", "b"], { mode: "expire" }), runs: 1 },
  clear: { before: cached, call: () => cache.clear(), runs: 1 },
  getMany: { call: () => cache.getMany(["k", ...keys]), runs: 1 },
  "getOrSetMany, misses": { before: () => cache.clear(), call: () => cache.getOrSetMany(keys, loadMany), runs: 2 },
  "getOrSetMany, hits": {
    before: () => cache.getOrSetMany(keys, loadMany),
    call: () => cache.getOrSetMany(keys, loadMany),
    runs: 1,
  },
};

test.each(Object.entries(trips))("%s: as many round trips as the guide says", async (_, { before, call, runs }) => {
  await before?.();
  const counts = await countCommands(env.redis.port, call);
  expect(counts["evalsha"] ?? 0).toBe(runs);
  expect(counts["eval"]).toBeUndefined();
});

test("reads of long entries leave in several runs, so that no reply keeps the others waiting", async () => {
  const long = env.core.cache<string>("long", { ttl: "1m" });
  const text = "x".repeat(100_000);
  const names = Array.from({ length: 20 }, (_, index) => `k${index}`);
  await Promise.all(names.map((name) => long.set(name, text)));
  for (let round = 0; round < 8; round += 1) {
    await long.get("k0");
  }
  const counts = await countCommands(env.redis.port, async () => {
    const found = await Promise.all(names.map((name) => long.get(name)));
    expect(found.every((value) => value === text)).toBe(true);
  });
  expect(counts["evalsha"]).toBeGreaterThanOrEqual(6);
});

test("what waits for another's load asks three times at most, and an L1 hit not at all", async () => {
  await using other = await createTestCore(redis.url, { prefix: env.prefix });
  const gate = deferred<number>();
  const started = deferred<void>();
  const loading = other.core
    .cache<number>("trips", { ttl: "1m", grace: "1m" })
    .getOrSet("waited", () => (started.resolve(), gate.promise));
  await started.promise;
  // The loader's own fill is one of the four.
  const counts = await countCommands(env.redis.port, async () => {
    const waiting = cache.getOrSet("waited", () => 2);
    await eventually(async () => {
      const lease = (await env.listKeys()).find((key) => key.includes(":lease:")) ?? "";
      expect(await env.redis.port.command("GET", [lease], [])).toMatch(/ 1$/);
    });
    gate.resolve(1);
    expect(await Promise.all([waiting, loading])).toEqual([1, 1]);
  });
  expect(counts["evalsha"]).toBe(4);

  const near = env.core.cache<number>("near", { ttl: "1m", l1: { max: 10, ttl: "1m" } });
  await eventually(async () => {
    await near.getOrSet("k", () => 1);
    expect((await near.getWithMeta("k")).tier).toBe("l1");
  });
  const none = await countCommands(env.redis.port, async () => {
    await Promise.all([near.get("k"), near.getOrSet("k", () => 2), near.getMany(["k"]), near.getWithMeta("k")]);
  });
  expect(none["evalsha"]).toBeUndefined();
});
