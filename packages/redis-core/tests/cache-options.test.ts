import { describe, expect, inject, test, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import type { LoaderContext } from "../src/cache/index.ts";
import { createTestCore } from "../src/testing/index.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");

describe("forceFresh", () => {
  test("loads what is cached, replaces it in every process, and overtakes loads that began earlier", async () => {
    await using a = await createTestCore(url);
    await using b = await createTestCore(url, { prefix: a.prefix });
    const options = { ttl: "5m", l1: { max: 10, ttl: "5m" } } as const;
    const left = a.core.cache<string>("force", options);
    const right = b.core.cache<string>("force", options);
    const gate = deferred<string>();
    const started = deferred<void>();
    const slow = right.getOrSet("k", () => (started.resolve(), gate.promise));
    await started.promise;
    expect(await left.getOrSet("k", () => "forced", { forceFresh: true })).toBe("forced");
    gate.resolve("slow");
    expect(await slow).toBe("slow");
    expect(await right.get("k")).toBe("forced");

    await eventually(async () => expect((await right.getWithMeta("k")).tier).toBe("l1"));
    const stale: unknown[] = [];
    const load = ({ stale: old }: LoaderContext<string>) => (stale.push(old), "again");
    expect(await left.getOrSet("k", load, { forceFresh: true })).toBe("again");
    expect(stale).toEqual(["forced"]);
    expect(await left.get("k")).toBe("again");
    await eventually(async () => expect(await right.get("k")).toBe("again"));
  });

  test("does not wait for a load of the same process that began earlier", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<string>("impatient", { ttl: "1m" });
    const gate = deferred<string>();
    const started = deferred<void>();
    const slow = cache.getOrSet("k", () => (started.resolve(), gate.promise));
    await started.promise;
    expect(await cache.getOrSet("k", () => "forced", { forceFresh: true })).toBe("forced");
    gate.resolve("slow");
    expect(await slow).toBe("slow");
    expect(await cache.get("k")).toBe("forced");
  });

  test("a failing load throws and leaves what is cached", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("forced-failure", { ttl: "1m" });
    await cache.set("k", 1);
    const fails = () => Promise.reject(new Error("source down"));
    await expect(cache.getOrSet("k", fails, { forceFresh: true })).rejects.toThrow("source down");
    expect(await cache.get("k")).toBe(1);
    expect(await cache.getOrSet("k", () => 2, { forceFresh: true })).toBe(2);
    expect((await env.listKeys()).filter((key) => key.includes(":lease:"))).toEqual([]);
  });
});

describe("what a loader may do", () => {
  test("it sees the old value, and returning it makes it fresh again", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<{ etag: string }>("modified", { ttl: "10s", grace: "1m", softTimeout: 5_000 });
    await cache.set("k", { etag: "x" });
    clock.advance(10_000);
    const load = vi.fn<(context: LoaderContext<{ etag: string }>) => { etag: string } | undefined>(
      ({ stale }) => stale,
    );
    expect(await cache.getOrSet("k", load)).toEqual({ etag: "x" });
    expect(await cache.getWithMeta("k")).toMatchObject({ state: "fresh", value: { etag: "x" }, ageMs: 0 });
    expect(load).toHaveBeenCalledTimes(1);
    const cold = vi.fn<(context: LoaderContext<{ etag: string }>) => undefined>(({ stale }) => {
      expect(stale).toBeUndefined();
    });
    expect(await cache.getOrSet("cold", cold)).toBeUndefined();
    expect(cold).toHaveBeenCalledTimes(1);
  });

  test("skip serves the value and stores nothing, absence included", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("skip", { ttl: "1m", negativeTtl: "1m" });
    expect(await cache.getOrSet("k", ({ skip }) => (skip(), 1))).toBe(1);
    expect(await cache.getOrSet("none", ({ skip }) => skip() as undefined)).toBeUndefined();
    expect((await cache.getWithMeta("k")).state).toBe("miss");
    expect((await cache.getWithMeta("none")).state).toBe("miss");
    expect((await env.listKeys()).filter((key) => /:(entry|lease):/.test(key))).toEqual([]);
  });

  test("it sets ttl and grace of its value", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("adaptive", { ttl: "1m", jitter: 0 });
    await cache.getOrSet("k", ({ ttl, grace }) => (ttl("10s"), grace("10s"), 1));
    clock.advance(10_000);
    expect(await cache.getWithMeta("k")).toMatchObject({ state: "stale", value: 1 });
    clock.advance(10_000);
    expect((await cache.getWithMeta("k")).state).toBe("miss");
  });
});

describe("what a call may ask for", () => {
  test("a grace of its own", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("own-grace", { ttl: "10s", jitter: 0 });
    await cache.getOrSet("read", () => 1, { grace: "1m" });
    await cache.set("written", 1, { grace: "1m" });
    await cache.getOrSetMany(["many"], () => Promise.resolve(new Map([["many", 1]])), { grace: "1m" });
    clock.advance(10_000);
    for (const key of ["read", "written", "many"]) {
      expect((await cache.getWithMeta(key)).state).toBe("stale");
    }
  });

  test("waitUntil is handed the work that goes on after the answer", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("serverless", { ttl: "10s", grace: "1m" });
    await cache.set("one", 1);
    await cache.set("many", 1);
    clock.advance(10_000);
    const works: Promise<unknown>[] = [];
    const waitUntil = (work: Promise<unknown>) => void works.push(work);
    expect(await cache.getOrSet("one", () => 2, { waitUntil })).toBe(1);
    const loadMany = () => Promise.resolve(new Map([["many", 2]]));
    expect((await cache.getOrSetMany(["many"], loadMany, { waitUntil })).get("many")).toBe(1);
    expect(works).toHaveLength(2);
    await Promise.all(works);
    expect([...(await cache.getMany(["one", "many"])).values()]).toEqual([2, 2]);
    expect(await cache.getOrSet("one", () => 3, { waitUntil })).toBe(2);
    expect(works).toHaveLength(2);
  });

  test("many: a ttl by value, of which 0 is not stored", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("many-ttl", { ttl: "1m" });
    const load = (keys: readonly string[]) => Promise.resolve(new Map(keys.map((key) => [key, Number(key)])));
    const ttl = (_: string, value: number) => (value % 2 === 0 ? "1m" : 0);
    expect((await cache.getOrSetMany(["1", "2", "3"], load, { ttl })).size).toBe(3);
    expect([...(await cache.getMany(["1", "2", "3"])).keys()]).toEqual(["2"]);
  });
});
