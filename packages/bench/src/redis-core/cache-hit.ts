import type { Contender, ThroughputCase } from "../contender.ts";
import { type CacheUnderTest, openBentocache, openCacheable } from "./open-caches.ts";
import { openClient, openCore } from "./open-core.ts";

const keys = 1_000;
const sample = { id: 42, name: "Ada Lovelace", tags: ["admin", "early"], joinedAt: "2026-01-05T00:00:00Z" };
const key = (index: number) => `user-${index % keys}`;

/** A hit in Redis, without a local tier, beside GET and JSON.parse. */
export const cacheHit: ThroughputCase = {
  name: "cache L2 hit",
  unit: "ops/s",
  async setUp(redisUrl) {
    return [
      await readFrom("ours", await openOurs(redisUrl), []),
      await readFrom("bentocache", await openBentocache(redisUrl, { l1: false }), []),
      await readFrom("cacheable", await openCacheable(redisUrl, { l1: false }), []),
      await readRaw(redisUrl),
    ];
  },
};

/** The same with three tags on each entry, beside the same GET: what tags cost. */
export const cacheTaggedHit: ThroughputCase = {
  name: "cache tagged hit",
  unit: "ops/s",
  async setUp(redisUrl) {
    const tags = ["team-7", "plan-free", "country-ch"];
    return [
      await readFrom("ours", await openOurs(redisUrl), tags),
      await readFrom("bentocache", await openBentocache(redisUrl, { l1: false }), tags),
      await readFrom("cacheable", await openCacheable(redisUrl, { l1: false, tags: true }), tags),
      await readRaw(redisUrl),
    ];
  },
};

/** A hit in the process, which all of them keep in step with Redis or not at all. */
export const cacheL1Hit: ThroughputCase = {
  name: "cache L1 hit",
  unit: "ops/s",
  async setUp(redisUrl) {
    return [
      await readFrom("ours", await openOurs(redisUrl, { max: 10_000, ttl: "1h" }), []),
      await readFrom("bentocache", await openBentocache(redisUrl, { l1: true }), []),
      await readFrom("cacheable", await openCacheable(redisUrl, { l1: true }), []),
    ];
  },
};

async function openOurs(
  redisUrl: string,
  l1: false | { readonly max: number; readonly ttl: "1h" } = false,
): Promise<CacheUnderTest> {
  const { core, close } = await openCore(redisUrl);
  const cache = core.cache<unknown>(l1 ? "near" : "bench", { ttl: "1h", l1 });
  return {
    get: (name) => cache.get(name),
    getOrSet: (name, load) => cache.getOrSet(name, load),
    set: (name, value, tags) => cache.set(name, value, { tags }),
    close,
  };
}

/** Fills the cache, and reads every key until all tiers have it. */
async function readFrom(name: string, cache: CacheUnderTest, tags: readonly string[]): Promise<Contender> {
  for (let index = 0; index < keys; index += 1) {
    await cache.set(key(index), sample, tags);
  }
  for (let round = 0; round < 2; round += 1) {
    for (let index = 0; index < keys; index += 1) {
      await cache.get(key(index));
    }
  }
  return { name, operate: (index) => cache.get(key(index)), close: () => cache.close() };
}

async function readRaw(redisUrl: string): Promise<Contender> {
  const client = await openClient(redisUrl);
  for (let index = 0; index < keys; index += 1) {
    await client.set(`floor:${key(index)}`, JSON.stringify(sample));
  }
  return {
    name: "floor",
    operate: async (index) => JSON.parse((await client.get(`floor:${key(index)}`)) ?? "null"),
    close: () => client.disconnect(),
  };
}
