import { describe, expect, inject, test, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import { createTestCore } from "../src/testing/index.ts";
import { LoaderTimeout } from "../src/cache/index.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");

describe("freshness", () => {
  test("an entry ends at its ttl, at most jitter earlier, and Redis drops it then", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("fresh", { ttl: "10s" });
    await cache.set("k", 1);
    const entry = (await env.listKeys()).find((key) => key.includes("cache:entry")) ?? "";
    const pttl = Number(await env.redis.port.command("PTTL", [entry], []));
    expect(pttl).toBeGreaterThan(8_500);
    expect(pttl).toBeLessThanOrEqual(10_000);
    clock.advance(8_999);
    expect(await cache.get("k")).toBe(1);
    clock.advance(1_001);
    expect(await cache.get("k")).toBeUndefined();
  });

  test("within grace the old value is served at once while one load replaces it", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("grace", { ttl: "10s", grace: "1m" });
    await cache.set("k", 1);
    clock.advance(10_000);
    const gate = deferred<number>();
    const loader = vi.fn<() => Promise<number>>(() => gate.promise);
    expect(await Promise.all([1, 2, 3].map(() => cache.getOrSet("k", loader)))).toEqual([1, 1, 1]);
    expect(await cache.getWithMeta("k")).toMatchObject({ state: "stale", value: 1, ageMs: 10_000 });
    expect(loader).toHaveBeenCalledTimes(1);
    gate.resolve(2);
    await eventually(async () => expect(await cache.get("k")).toBe(2));
    expect(await cache.getOrSet("k", loader)).toBe(2);
    expect(loader).toHaveBeenCalledTimes(1);
  });

  test("a failing refresh serves the old value through grace, and is not repeated by each reader", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("failing", { ttl: "10s", grace: "1m" });
    await cache.set("k", 1);
    clock.advance(10_000);
    const loader = vi.fn<() => Promise<number>>(() => Promise.reject(new Error("source down")));
    for (let round = 0; round < 5; round += 1) {
      expect(await cache.getOrSet("k", loader)).toBe(1);
    }
    expect(loader).toHaveBeenCalledTimes(1);
    clock.advance(60_000);
    await expect(cache.getOrSet("k", loader)).rejects.toThrow("source down");
  });

  test("the pause after a failed refresh is no pause for who has no stale value left", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("pause", { ttl: "10s", grace: "1m", wait: 50 });
    await cache.set("k", 1);
    clock.advance(10_000);
    await cache.getOrSet("k", () => Promise.reject(new Error("source down")));
    await eventually(async () => {
      const lease = (await env.listKeys()).find((key) => key.includes(":lease:")) ?? "";
      expect(await env.redis.port.command("GET", [lease], [])).toMatch(/^failed /);
    });
    clock.advance(60_000);
    expect(await cache.getOrSet("k", () => 2)).toBe(2);
    expect(await cache.get("k")).toBe(2);
  });

  test("softTimeout waits for the new value, then gives the old one", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const cache = env.core.cache<number>("soft", { ttl: "10s", grace: "1m", softTimeout: 20 });
    await cache.set("k", 1);
    clock.advance(10_000);
    expect(await cache.getOrSet("k", () => 2)).toBe(2);
    clock.advance(10_000);
    const gate = deferred<number>();
    expect(await cache.getOrSet("k", () => gate.promise)).toBe(2);
    gate.resolve(3);
    await eventually(async () => expect(await cache.get("k")).toBe(3));
  });

  test("hardTimeout aborts the loader's signal and throws LoaderTimeout; the next call loads again", async () => {
    await using env = await createTestCore(url);
    const cache = env.core.cache<number>("hard", { ttl: "10s", hardTimeout: 30 });
    let aborted: AbortSignal | undefined;
    const hangs = ({ signal }: { signal: AbortSignal }) => {
      aborted = signal;
      return deferred<number>().promise;
    };
    await expect(cache.getOrSet("k", hangs)).rejects.toBeInstanceOf(LoaderTimeout);
    expect(aborted?.aborted).toBe(true);
    expect(await cache.getOrSet("k", () => 1)).toBe(1);
  });
});
