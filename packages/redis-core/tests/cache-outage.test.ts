import { startRedis } from "@cardinal/dev";
import { expect, inject, test, vi } from "vitest";
import { isOutage } from "../src/errors.ts";
import { createTestCore } from "../src/testing/index.ts";
import { connectRedis } from "../src/connection/index.ts";
import { createRedisCore } from "../src/core.ts";
import { deferred } from "./support/deferred.ts";
import { recordTelemetry } from "./support/record-telemetry.ts";
import { eventually } from "./support/eventually.ts";

test("without Redis reads load from the source, once per burst, and writes throw", async () => {
  const telemetry = recordTelemetry();
  const redis = await startRedis();
  const connection = connectRedis({ target: redis.url, deadlineMs: 500 });
  await connection.ready(AbortSignal.timeout(10_000));
  const core = createRedisCore({ redis: connection.port, prefix: "outage", telemetry });
  const cache = core.cache<number>("down", { ttl: "1m", l1: { max: 10, ttl: "1m" } });
  try {
    await cache.set("k", 1);
    expect(await cache.get("k")).toBe(1);
    await redis.stop();

    const gate = deferred<number>();
    const loader = vi.fn<() => Promise<number>>(() => gate.promise);
    const burst = Array.from({ length: 50 }, () => cache.getOrSet("cold", loader));
    await eventually(() => expect(loader).toHaveBeenCalled());
    gate.resolve(2);
    expect(new Set(await Promise.all(burst))).toEqual(new Set([2]));
    expect(loader).toHaveBeenCalledTimes(1);

    await expect(cache.getOrSet("cold", () => Promise.reject(new Error("source")))).rejects.toThrow("source");
    expect(await cache.get("cold")).toBeUndefined();
    expect([
      ...(await cache.getOrSetMany(["x", "y"], (keys) =>
        Promise.resolve(new Map(keys.map((key) => [key, 3]))),
      )),
    ]).toEqual([
      ["x", 3],
      ["y", 3],
    ]);
    for (const write of [cache.set("k", 2), cache.delete("k"), cache.invalidateTags(["t"]), cache.clear()]) {
      expect(isOutage(await write.catch((error: unknown) => error))).toBe(true);
    }
    // Most of a run of calls do not even try.
    const before = telemetry.total("cache_unavailable_total");
    for (let call = 0; call < 200; call += 1) {
      await cache.getOrSet("cold", () => call);
    }
    expect(telemetry.total("cache_unavailable_total") - before).toBeLessThan(20);

    await using again = await startRedis({ port: redis.port });
    expect(again.port).toBe(redis.port);
    await eventually(async () => {
      await cache.getOrSet("cold", () => 5);
      expect(await cache.get("cold")).toBe(5);
    });
  } finally {
    await core.close();
    await connection.close();
  }
}, 60_000);

test("SCRIPT FLUSH in the middle of everything changes nothing", async () => {
  await using env = await createTestCore(inject("redisUrl"));
  const cache = env.core.cache<number>("flush", { ttl: "1m" });
  const sessions = env.core.sessions<{ n: number }>({ idle: "1h", absolute: "1d" });
  const { token } = await sessions.create({ userId: "ada", data: { n: 0 } });
  let flushing = true;
  const flusher = (async () => {
    while (flushing) {
      await env.redis.port.command("SCRIPT FLUSH", [], []);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  for (let round = 0; round < 100; round += 1) {
    expect(await cache.getOrSet(`k${round}`, () => round, { tags: ["all"] })).toBe(round);
    expect(await cache.get(`k${round}`)).toBe(round);
    const many = (keys: readonly string[]) => Promise.resolve(new Map(keys.map((key) => [key, round])));
    expect((await cache.getOrSetMany([`k${round}`, `m${round}`], many, { tags: ["all"] })).size).toBe(2);
    expect(await cache.getOrSet(`k${round}`, () => -round, { forceFresh: true })).toBe(-round);
    await cache.set("written", round);
    await cache.expire("written");
    expect(await cache.get("written")).toBeUndefined();
    await cache.invalidateTags(["other"], { mode: "expire" });
    expect(await sessions.verify(token)).not.toBeNull();
  }
  await cache.invalidateTags(["all"]);
  expect(await cache.get("m1")).toBeUndefined();
  flushing = false;
  await flusher;
});

test("a Redis that refuses writes still serves hits, and misses load", async () => {
  await using redis = await startRedis();
  await using env = await createTestCore(redis.url);
  const cache = env.core.cache<number>("full", { ttl: "1m" });
  await cache.set("k", 1);
  await env.redis.port.command("CONFIG SET", [], ["maxmemory", "1"]);
  expect(await cache.getOrSet("k", () => 2)).toBe(1);
  expect(await cache.getOrSet("cold", () => 2)).toBe(2);
  expect(await cache.getOrSet("k", () => 2)).toBe(1);
  await env.redis.port.command("CONFIG SET", [], ["maxmemory", "0"]);
  expect(await cache.getOrSet("cold", () => 3)).toBe(3);
  expect(await cache.get("cold")).toBe(3);
}, 30_000);
