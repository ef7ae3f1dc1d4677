import { expect, inject, test, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import { drawEarly } from "../src/cache/early-refresh.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");

test("draws are exponential: of many reads some come early, most never do", () => {
  const draws = Array.from({ length: 20_000 }, () => drawEarly(2));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  expect(mean).toBeGreaterThan(1.8);
  expect(mean).toBeLessThan(2.2);
  const beyondMean = draws.filter((draw) => draw > 2).length / draws.length;
  expect(Math.abs(beyondMean - Math.exp(-1))).toBeLessThan(0.03);
  expect(drawEarly(0)).toBe(0);
});

/** Sets how long the entry's load took, which a test cannot wait for. */
async function setLoadMs(env: TestCore, loadMs: number): Promise<void> {
  const entry = (await env.listKeys()).find((key) => key.includes("cache:entry")) ?? "";
  const raw = String(await env.redis.port.command("GET", [entry], []));
  const parts = raw.split("|");
  parts[6] = String(loadMs);
  await env.redis.port.command("SET", [entry], [parts.join("|"), "KEEPTTL"]);
}

test("near its end one reader loads a costly entry anew, and all get the present value", async () => {
  const clock = manualClock();
  await using env = await createTestCore(url, { clock });
  const cache = env.core.cache<number>("early", { ttl: "1m", jitter: 0, earlyRefresh: 1 });
  await cache.set("k", 1);
  const loader = vi.fn<() => number>(() => 2);
  // Not measured, hence nothing to be early by.
  clock.advance(59_999);
  await cache.getOrSet("k", loader);
  expect(loader).not.toHaveBeenCalled();

  // With a load of 10 s and a millisecond to go, a read comes early with probability 0.9999.
  await setLoadMs(env, 10_000);
  const readers = await Promise.all(Array.from({ length: 50 }, () => cache.getOrSet("k", loader)));
  expect(new Set(readers)).toEqual(new Set([1]));
  await eventually(async () => expect(await cache.get("k")).toBe(2));
  expect(loader).toHaveBeenCalledTimes(1);

  // With 60 s to go, of 40 reads e^-6 · 40 = 0.1 on average would.
  await setLoadMs(env, 1);
  for (let read = 0; read < 40; read += 1) {
    expect(await cache.getOrSet("k", loader)).toBe(2);
  }
  expect(loader).toHaveBeenCalledTimes(1);
});

test("the time a load took is kept with the entry", async () => {
  await using env = await createTestCore(url);
  const cache = env.core.cache<number>("took", { ttl: "1m" });
  await cache.getOrSet("k", () => new Promise((resolve) => setTimeout(resolve, 40, 1)));
  const entry = (await env.listKeys()).find((key) => key.includes("cache:entry")) ?? "";
  const [, , , , , , loadMs] = String(await env.redis.port.command("GET", [entry], [])).split("|");
  expect(Number(loadMs)).toBeGreaterThanOrEqual(39);
  expect(Number(loadMs)).toBeLessThan(5_000);
});

test("a failing early refresh hurts nobody and is not repeated by each reader", async () => {
  const clock = manualClock();
  await using env = await createTestCore(url, { clock });
  const cache = env.core.cache<number>("early-failure", { ttl: "1m", jitter: 0, earlyRefresh: 1, backOff: "30s" });
  await cache.set("k", 1);
  await setLoadMs(env, 1_000_000);
  clock.advance(59_999);
  const loader = vi.fn<() => Promise<number>>(() => Promise.reject(new Error("source down")));
  for (let read = 0; read < 10; read += 1) {
    expect(await cache.getOrSet("k", loader)).toBe(1);
  }
  expect(loader).toHaveBeenCalledTimes(1);
});

test("copies in the process give way early, too", async () => {
  const clock = manualClock();
  await using env = await createTestCore(url, { clock });
  const options = { ttl: "1m", jitter: 0, earlyRefresh: 1, l1: { max: 10, ttl: "1h" } } as const;
  const cache = env.core.cache<number>("early-near", options);
  await cache.set("k", 1);
  await setLoadMs(env, 1_000_000);
  const loader = vi.fn<() => number>(() => 2);
  await eventually(async () => {
    await cache.getOrSet("k", loader);
    expect(loader).toHaveBeenCalled();
  });
});
