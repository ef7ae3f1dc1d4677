import { describe, expect, inject, test } from "vitest";
import { type Cache, type CacheOptions, LoaderTimeout } from "../src/cache/index.ts";
import { Misuse } from "../src/errors.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";

const url = inject("redisUrl");
const never = () => new Promise<never>(() => {});

/** Nothing may stay for ever, and no lease may keep the next caller waiting. */
async function expectClean(env: TestCore): Promise<void> {
  expect(await env.listPermanentKeys()).toEqual([]);
  expect((await env.listKeys()).filter((key) => key.includes(":lease:"))).toEqual([]);
}

describe("keys", () => {
  const calls: Record<string, (cache: Cache<number>, key: string) => Promise<unknown>> = {
    get: (cache, key) => cache.get(key),
    getWithMeta: (cache, key) => cache.getWithMeta(key),
    getMany: (cache, key) => cache.getMany(["fine", key]),
    getOrSet: (cache, key) => cache.getOrSet(key, () => 1),
    "getOrSet, forced": (cache, key) => cache.getOrSet(key, () => 1, { forceFresh: true }),
    "getOrSet, ttl 0": (cache, key) => cache.getOrSet(key, () => 1, { ttl: 0 }),
    getOrSetMany: (cache, key) => cache.getOrSetMany(["fine", key], () => Promise.resolve(new Map())),
    set: (cache, key) => cache.set(key, 1),
    delete: (cache, key) => cache.delete(key),
    expire: (cache, key) => cache.expire(key),
    invalidateTags: (cache, key) => cache.invalidateTags(["fine", key]),
  };

  test.each(Object.entries(calls))("%s refuses the empty key and text that is not Unicode", async (_, call) => {
    await using env = await createTestCore(url);
    for (const l1 of [false, { max: 10, ttl: "1m" }] as const) {
      const cache = env.core.cache<number>("keys", { ttl: "1m", l1 });
      for (const key of ["", "\ud800"]) {
        const others = [cache.get("fine"), cache.getOrSet("fine", () => 1)];
        await expect(call(cache, key)).rejects.toBeInstanceOf(Misuse);
        await Promise.all(others); // Calls that left in the same turn are none the worse.
      }
    }
    await expectClean(env);
  });

  test.each(Object.entries(calls))("%s takes 10 KB, globs and braces as data", async (_, call) => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("data", { ttl: "1m" });
    await cache.set("bystander", 7, { tags: ["bystander"] });
    for (const key of ["k".repeat(10_000), "*", "{a}", "a:b", "[^x]?\\", "a|b,c d\n\0", "%s %d %"]) {
      await call(cache, key);
    }
    expect(await cache.get("bystander")).toBe(7);
    expect((await env.listKeys()).every((key) => key.length < 300)).toBe(true);
    await expectClean(env);
  });
});

describe("options", () => {
  const refused: CacheOptions<number>[] = [
    { ttl: Number.NaN },
    { ttl: -1 },
    { ttl: Number.POSITIVE_INFINITY },
    { ttl: 1e300 },
    { ttl: "1 minute" as "1m" },
    { ttl: "1m", grace: -1 },
    { ttl: "1m", negativeTtl: Number.NaN },
    { ttl: "1m", jitter: 1 },
    { ttl: "1m", jitter: Number.NaN },
    { ttl: "1m", earlyRefresh: -1 },
    { ttl: "1m", earlyRefresh: Number.NaN },
    { ttl: "1m", maxBytes: 0 },
    { ttl: "1m", compressAbove: -1 },
    { ttl: "1m", hardTimeout: 0 },
    { ttl: "1m", hardTimeout: "30d" },
    { ttl: "1m", lease: 0 },
    { ttl: "1m", backOff: 0 },
    { ttl: "1m", version: 1.5 },
    { ttl: "1m", l1: { max: 0, ttl: "1m" } },
    { ttl: "1m", l1: { max: 1, ttl: 0 } },
  ];

  test("of a namespace are refused by name", async () => {
    await using env = await createTestCore(url);
    for (const options of refused) {
      expect(() => env.core.cache("options", options)).toThrow(Misuse);
    }
    for (const namespace of ["", "a:b", "{a}", "*", "x".repeat(65)]) {
      expect(() => env.core.cache(namespace, { ttl: "1m" })).toThrow(Misuse);
    }
  });

  test("of a call reject it, and load nothing", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("options", { ttl: "1m", l1: { max: 10, ttl: "1m" } });
    const load = () => {
      throw new Error("loaded");
    };
    for (const options of [
      { ttl: Number.NaN },
      { ttl: -1 },
      { grace: Number.NaN },
      { negativeTtl: -1 },
      { softTimeout: "30d" },
      { hardTimeout: 0 },
    ] as const) {
      await expect(cache.getOrSet("k", load, options)).rejects.toBeInstanceOf(Misuse);
    }
    await expect(cache.set("k", 1, { ttl: Number.NaN })).rejects.toBeInstanceOf(Misuse);
    await expect(cache.getOrSetMany(["k"], load, { ttl: -1 })).rejects.toBeInstanceOf(Misuse);
    const warming = cache.warm(["k"], () => Promise.resolve(1), { concurrency: 0 });
    await expect(warming).rejects.toBeInstanceOf(Misuse);
    await expectClean(env);
  });

  test("set with ttl 0 removes the key", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("zero", { ttl: "1m" });
    await cache.set("k", 1);
    await cache.set("k", 2, { ttl: 0 });
    expect((await cache.getWithMeta("k")).state).toBe("miss");
    await expectClean(env);
  });
});

describe("loaders", () => {
  class Point {
    readonly x = 1;
  }
  const many = ["a", "b"];
  const failing: Record<string, (cache: Cache<unknown>) => Promise<unknown>> = {
    "that throws at once": (cache) =>
      cache.getOrSet("k", () => {
        throw new Misuse("thrown");
      }),
    "that returns an instance of a class": (cache) => cache.getOrSet("k", () => new Point()),
    "that returns a cycle": (cache) => {
      const cycle: { self?: unknown } = {};
      cycle.self = cycle;
      return cache.getOrSet("k", () => cycle);
    },
    "that adds an empty tag": (cache) => cache.getOrSet("k", ({ tag }) => (tag(""), 1)),
    "that adds 65 tags": (cache) =>
      cache.getOrSet("k", ({ tag }) => (tag(...Array.from({ length: 65 }, (_, index) => `t${index}`)), 1)),
    "that sets a ttl of NaN": (cache) => cache.getOrSet("k", ({ ttl }) => (ttl(Number.NaN), 1)),
    "of many that throws": (cache) => cache.getOrSetMany(many, () => Promise.reject(new Misuse("thrown"))),
    "of many that returns an instance of a class": (cache) =>
      cache.getOrSetMany(many, () => Promise.resolve(new Map([["a", new Point()]]))),
    "of many with a wrong tag": (cache) =>
      cache.getOrSetMany(many, () => Promise.resolve(new Map([["a", 1]])), { tags: () => [""] }),
    "of many with a wrong ttl": (cache) =>
      cache.getOrSetMany(many, () => Promise.resolve(new Map([["a", 1]])), { ttl: () => -1 }),
  };

  test.each(Object.entries(failing))("one %s fails its callers and leaves no lease", async (_, fail) => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<unknown>("loaders", { ttl: "1m" });
    await expect(fail(cache)).rejects.toBeInstanceOf(Misuse);
    await expectClean(env);
    expect(await cache.getOrSet("k", () => 2)).toBe(2);
  });

  test("one that never ends is given up after hardTimeout, of many too, stored or not", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("endless", { ttl: "1m", hardTimeout: 30 });
    for (const endless of [
      () => cache.getOrSet("k", never),
      () => cache.getOrSet("u", never, { ttl: 0 }),
      () => cache.getOrSet("own", never, { hardTimeout: 10 }),
      () => cache.getOrSetMany(["x", "y"], never),
      () => cache.getOrSetMany(["x", "y"], never, { ttl: 0 }),
    ]) {
      await expect(endless()).rejects.toBeInstanceOf(LoaderTimeout);
    }
    await expectClean(env);
  });

  test("one of many may know more and less than it was asked", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("odd", { ttl: "1m" });
    const odd = await cache.getOrSetMany(many, () => Promise.resolve(new Map([["b", 2], ["c", 3]])));
    expect([...odd]).toEqual([["b", 2]]);
    expect(await cache.get("c")).toBeUndefined();
    expect((await cache.getOrSetMany([], never)).size).toBe(0);
    expect((await cache.getMany([])).size).toBe(0);
    await cache.invalidateTags([]);
    await expectClean(env);
  });
});
