import { startRedis } from "@cardinal/dev";
import { describe, expect, inject, test } from "vitest";
import type { RedisPort } from "../src/port.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { CacheAside } from "./naive/cache-aside.ts";
import { PatternCache } from "./naive/pattern-cache.ts";
import { TagSetCache } from "./naive/tag-set-cache.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";
import { startWorkers } from "./support/start-workers.ts";
import type { CacheRequest } from "./support/cache-worker.ts";

const url = inject("redisUrl");

describe("entries with tags leave nothing behind (F2)", () => {
  interface Tagged {
    set(key: string, value: number, tags: readonly string[]): Promise<void>;
    get(key: string): Promise<unknown>;
  }
  /** What is in Redis when 300 entries of 3 tags each have ended. */
  async function leftovers(env: TestCore, cache: Tagged) {
    const keys = Array.from({ length: 300 }, (_, index) => `k${index}`);
    await Promise.all(
      keys.map((key, index) => cache.set(key, index, [`a${index % 10}`, `b${index % 20}`, `c${index}`])),
    );
    await eventually(async () => {
      expect((await Promise.all(keys.map((key) => cache.get(key)))).filter((value) => value !== undefined)).toEqual([]);
      expect((await env.listKeys()).filter((key) => /:k\d+$/.test(key))).toEqual([]);
    });
    return { all: await env.listKeys(), permanent: await env.listPermanentKeys() };
  }

  test("tag sets outlive all their members, without a TTL", async () => {
    await using env = await createTestCore(url);
    const naive = new TagSetCache(env.redis.port, env.prefix);
    const set = (key: string, value: number, tags: readonly string[]) => naive.set(key, value, 300, tags);
    const { permanent } = await leftovers(env, { set, get: (key) => naive.get(key) });
    expect(permanent).toHaveLength(330);
  });

  test("ours keeps one key a bucket, which ends too", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("bulk", { ttl: 200, grace: 100, hardTimeout: "1s" });
    await cache.invalidateTags(["a1", "b1"]);
    const set = (key: string, value: number, tags: readonly string[]) => cache.set(key, value, { tags });
    const { all, permanent } = await leftovers(env, { set, get: (key) => cache.get(key) });
    expect(permanent).toEqual([]);
    expect(all).toHaveLength(1);
    const [meta = ""] = all;
    expect(Number(await env.redis.port.command("PTTL", [meta], []))).toBeLessThanOrEqual(4_200_000);
    expect(Number(await env.redis.port.command("ZCARD", [meta], []))).toBeLessThanOrEqual(6);
  });
});

describe("invalidating what belongs together (F3)", () => {
  interface Grouped {
    set(owner: string, page: number, value: string): Promise<void>;
    get(owner: string, page: number): Promise<unknown>;
    invalidate(owner: string): Promise<void>;
  }
  const implementations: Record<string, (env: TestCore) => Grouped> = {
    naive: (env) => new PatternCache(env.redis.port, env.prefix),
    ours: (env) => {
      const cache = env.core.cache<string>("pages", { ttl: "1m" });
      return {
        set: (owner, page, value) => cache.set(`${owner}:${page}`, value, { tags: [`owner:${owner}`] }),
        get: (owner, page) => cache.get(`${owner}:${page}`),
        invalidate: (owner) => cache.invalidateTags([`owner:${owner}`]),
      };
    },
  };

  /** Who lost a page when the owner's were invalidated. */
  async function losers(cache: Grouped, owner: string): Promise<string[]> {
    const owners = ["ada", "bo", "*", "[a-z]o", "?"];
    await Promise.all(owners.map((each) => cache.set(each, 1, "page")));
    await cache.invalidate(owner);
    const left = await Promise.all(owners.map((each) => cache.get(each, 1)));
    return owners.filter((_, index) => left[index] === undefined);
  }

  test.each(["*", "[a-z]o", "?"])("a user called %s takes others' entries along, by pattern; ours are data", async (name) => {
    await using env = await createTestCore(url);
    expect(await losers(implementations["naive"]?.(env) ?? fail(), name)).not.toEqual([name]);
    expect(await losers(implementations["ours"]?.(env) ?? fail(), name)).toEqual([name]);
  });

  /** How long Redis was busy with the longest of the commands, which every other client had to wait for. */
  async function longestCommandUs(port: RedisPort, cache: Grouped): Promise<number> {
    await Promise.all(Array.from({ length: 50 }, (_, page) => cache.set("ada", page, "page")));
    await cache.invalidate("nobody");
    await port.command("CONFIG RESETSTAT", [], []);
    await cache.invalidate("ada");
    expect(await cache.get("ada", 1)).toBeUndefined();
    const stats = String(await port.command("INFO", [], ["commandstats"]));
    return Math.max(...Array.from(stats.matchAll(/usec_per_call=([\d.]+)/g), ([, us]) => Number(us)));
  }

  test("its cost does not grow with what Redis holds, and nobody else waits for it", async () => {
    await using redis = await startRedis();
    await using env = await createTestCore(redis.url);
    const fill = "for i = 1, 10000 do redis.call('SET', ARGV[1] .. i, i, 'PX', 600000) end return 0";
    for (let part = 0; part < 20; part += 1) {
      await env.redis.port.command("EVAL", [], [fill, 0, `other:${part}:`], { deadlineMs: 60_000 });
    }
    const naiveUs = await longestCommandUs(env.redis.port, implementations["naive"]?.(env) ?? fail());
    const oursUs = await longestCommandUs(env.redis.port, implementations["ours"]?.(env) ?? fail());
    // KEYS looks at 200,000 keys, for some 20 ms; ours at one.
    expect(oursUs).toBeLessThan(naiveUs / 5);
    await env.redis.port.command("CONFIG RESETSTAT", [], []);
    await implementations["ours"]?.(env).invalidate("ada");
    expect(String(await env.redis.port.command("INFO", [], ["commandstats"]))).not.toMatch(/cmdstat_(keys|scan)/);
  }, 60_000);
});

test("single flight across processes: a map of promises loads once in each of them (F5)", async () => {
  await using env = await createTestCore(url);
  await using workers = await startWorkers("cache-worker.ts", 4, url, env.prefix);
  const loadsOf = async (naive: boolean) => {
    const request: CacheRequest = { kind: "storm", naive, key: "cold", callers: 25 };
    const loads = await Promise.all(workers.all.map((worker) => worker.ask<number>(request)));
    return loads.reduce((sum, each) => sum + each, 0);
  };
  expect(await loadsOf(true)).toBe(4);
  expect(await loadsOf(false)).toBe(1);
}, 30_000);

describe("cache-aside", () => {
  const naive = (env: TestCore) => new CacheAside(env.redis.port, env.prefix);
  const ours = (env: TestCore) => env.core.cache<unknown>("aside", { ttl: "1m", negativeTtl: "1m" });

  const rich = [new Date(5), new Map([["a", 1]]), new Set([1]), { at: undefined }, [Number.NaN, -0], 2n ** 70n];
  test.each(rich)("%s comes back from the cache as it was (F12)", async (value) => {
    await using env = await createTestCore(url);
    const cachedBy = async (cache: { getOrSet(key: string, load: () => unknown): Promise<unknown> }) => {
      await cache.getOrSet("k", () => value);
      return await cache.getOrSet("k", () => "loaded again");
    };
    const changed = await cachedBy(naive(env)).catch((error: unknown) => error);
    expect(() => expect(changed).toStrictEqual(value)).toThrow();
    expect(await cachedBy(ours(env))).toStrictEqual(value);
  });

  test.each([null, undefined, 0, "", false, Number.NaN])("%o is loaded once (F13)", async (value) => {
    await using env = await createTestCore(url);
    const loadsOf = async (cache: { getOrSet(key: string, load: () => unknown): Promise<unknown> }) => {
      let loads = 0;
      for (let call = 0; call < 3; call += 1) {
        await cache.getOrSet("k", () => ((loads += 1), value));
      }
      return loads;
    };
    expect(await loadsOf(naive(env))).toBe(3);
    expect(await loadsOf(ours(env))).toBe(1);
  });

  test("what was loaded before a deletion is not there after it", async () => {
    await using env = await createTestCore(url);
    const leftBy = async (cache: ReturnType<typeof naive> | ReturnType<typeof ours>) => {
      const gate = deferred<string>();
      const started = deferred<void>();
      const loading = cache.getOrSet("k", () => (started.resolve(), gate.promise));
      await started.promise;
      await cache.delete("k"); // The source has changed, and says so.
      gate.resolve("old");
      await loading;
      return await cache.getOrSet("k", () => "new");
    };
    expect(await leftBy(naive(env))).toBe("old");
    expect(await leftBy(ours(env))).toBe("new");
  });
});

function fail(): never {
  throw new Error("no such implementation");
}
