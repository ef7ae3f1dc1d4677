import { expect, inject, test } from "vitest";
import type { CacheEventMap } from "../src/cache/index.ts";
import { createTestCore } from "../src/testing/index.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");

test("listeners hear what happened to which key, until they stop", async () => {
  await using env = await createTestCore(url);
  const cache = env.core.cache<string>("events", { ttl: "1m", grace: "1m", maxBytes: 100, l1: { max: 9, ttl: "1m" } });
  const heard: [keyof CacheEventMap, unknown][] = [];
  const names = ["hit", "stale", "miss", "fill", "fenced", "unstored", "loadFailed", "bypass"] as const;
  const stops = names.map((name) => cache.on(name, (details) => void heard.push([name, details])));
  const take = () => heard.splice(0);

  await cache.getOrSet("k", () => "v");
  expect(take()).toEqual([
    ["miss", { key: "k" }],
    ["fill", { key: "k" }],
  ]);
  await eventually(async () => {
    await cache.get("k");
    expect(take()).toEqual([["hit", { key: "k", tier: "l1" }]]);
  });
  await cache.expire("k");
  await cache.get("k");
  expect(take()).toEqual([["stale", { key: "k" }]]);

  const gate = deferred<string>();
  const started = deferred<void>();
  const overtaken = cache.getOrSet("f", () => (started.resolve(), gate.promise));
  await started.promise;
  await cache.delete("f");
  gate.resolve("old");
  await overtaken;
  expect(take()).toEqual([
    ["miss", { key: "f" }],
    ["fenced", { key: "f" }],
  ]);

  await cache.getOrSet("large", () => "x".repeat(200));
  await cache.getOrSet("off", () => "v", { ttl: 0 });
  expect(take()).toEqual([
    ["miss", { key: "large" }],
    ["unstored", { key: "large", reason: "too_large" }],
    ["bypass", { key: "off" }],
  ]);
  const error = new Error("source down");
  await cache.getOrSet("bad", () => Promise.reject(error)).catch(() => {});
  expect(take()).toEqual([
    ["miss", { key: "bad" }],
    ["loadFailed", { key: "bad", error, inBackground: false }],
  ]);

  stops.forEach((stop) => stop());
  await cache.get("k");
  expect(take()).toEqual([]);
});

test("a listener that throws fails no read and no other listener", async () => {
  await using env = await createTestCore(url);
  const cache = env.core.cache<number>("throws", { ttl: "1m" });
  let heard = 0;
  cache.on("fill", () => {
    throw new Error("listener");
  });
  cache.on("fill", () => (heard += 1));
  expect(await cache.getOrSet("k", () => 1)).toBe(1);
  expect(await cache.get("k")).toBe(1);
  expect(heard).toBe(1);
});
