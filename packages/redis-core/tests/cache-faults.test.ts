import { startRedis, startTcpProxy, type TcpProxy } from "@cardinal/dev";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { connectRedis, type RedisConnection } from "../src/connection/connect-redis.ts";
import { createRedisCore, type RedisCore } from "../src/core.ts";
import { OutcomeUnknown } from "../src/errors.ts";
import { deferred } from "./support/deferred.ts";
import { eventually } from "./support/eventually.ts";
import { type RecordedTelemetry, recordTelemetry } from "./support/record-telemetry.ts";

let redis: Awaited<ReturnType<typeof startRedis>>;
let proxy: TcpProxy;
let connection: RedisConnection;
let core: RedisCore;
let telemetry: RecordedTelemetry;

beforeAll(async () => {
  redis = await startRedis();
  proxy = await startTcpProxy({ target: redis });
  connection = connectRedis({ target: proxy.url(), deadlineMs: 1_000 });
  await connection.ready(AbortSignal.timeout(10_000));
}, 30_000);

beforeEach(async () => {
  await proxy.setMode("pass");
  telemetry = recordTelemetry();
  core = createRedisCore({ redis: connection.port, prefix: `faults-${Math.ceil(performance.now())}`, telemetry });
  const warm = core.cache<number>("warm", { ttl: "1m" });
  await eventually(async () => {
    await warm.set("k", 1);
    await warm.getOrSet("j", () => 1);
    if ((await warm.get("j")) !== 1) {
      throw new Error("not back yet");
    }
  });
});

afterEach(() => core.close());

afterAll(async () => {
  await connection.close();
  await proxy.stop();
  await redis.stop();
});

test("a Redis that hangs costs one deadline, not one a call, and nothing is left behind", async () => {
  const cache = core.cache<number>("hangs", { ttl: "1m" });
  await proxy.setMode("stall");
  const loader = vi.fn<() => number>(() => 1);
  const burst = Array.from({ length: 50 }, (_, index) => cache.getOrSet(`k${index % 5}`, loader));
  expect(new Set(await Promise.all(burst))).toEqual(new Set([1]));
  expect(loader).toHaveBeenCalledTimes(5);
  const failures = telemetry.total("cache_unavailable_total");
  expect(failures).toBeLessThan(5);
  for (let call = 0; call < 200; call += 1) {
    expect(await cache.getOrSet("k", loader)).toBe(1);
  }
  expect(telemetry.total("cache_unavailable_total") - failures).toBeLessThan(5);
  await proxy.setMode("pass");
  await eventually(async () => {
    await cache.getOrSet("k", () => 2);
    expect(await cache.get("k")).toBe(2);
  });
}, 30_000);

describe("a lost reply", () => {
  const lose = (match: string) => proxy.setMode("cut-after-request-before-reply", { match, times: 1 });

  test("of a read leaves no lease that nobody knows he holds", async () => {
    const cache = core.cache<number>("lost", { ttl: "1m", lease: "20s", wait: "20s" });
    await lose("needle");
    const loader = vi.fn<() => number>(() => 1);
    expect(await cache.getOrSet("needle", loader)).toBe(1);
    expect(await cache.get("needle")).toBe(1);
    expect(loader).toHaveBeenCalledTimes(1);
    expect(proxy.counters().cuts).toBeGreaterThan(0);
  });

  test("of a fill loses neither the value nor the lease", async () => {
    const cache = core.cache<string>("lost-fill", { ttl: "1m", lease: "20s", wait: "20s" });
    await lose("the value");
    const loader = vi.fn<() => string>(() => "the value");
    expect(await cache.getOrSet("k", loader)).toBe("the value");
    expect(await cache.getOrSet("k", loader)).toBe("the value");
    expect(loader).toHaveBeenCalledTimes(1);
  });

  test("of a deletion or an invalidation is made good, as it may be repeated", async () => {
    const cache = core.cache<number>("lost-delete", { ttl: "1m" });
    await cache.set("needle", 1, { tags: ["thread"] });
    await lose("needle");
    await cache.delete("needle");
    expect(await cache.get("needle")).toBeUndefined();
    await cache.set("other", 1, { tags: ["thread"] });
    await lose("thread");
    await cache.invalidateTags(["thread"]);
    expect(await cache.get("other")).toBeUndefined();
    await lose("other");
    await cache.expire("other");
  });

  test("of a set is the caller's to know: it may have happened, and is not sent again", async () => {
    const cache = core.cache<string>("lost-set", { ttl: "1m", l1: { max: 10, ttl: "1m" } });
    await cache.set("k", "before");
    await eventually(async () => {
      await cache.get("k");
      expect((await cache.getWithMeta("k")).tier).toBe("l1");
    });
    await lose("needle");
    await expect(cache.set("k", "needle")).rejects.toBeInstanceOf(OutcomeUnknown);
    await eventually(async () => expect(await cache.get("k")).toBe("needle"));
  });
});

test("a process that is cut off serves its copies to their own ttl at most, and nothing older after it", async () => {
  const cache = core.cache<string>("cut-off", { ttl: "1m", l1: { max: 10, ttl: 1_000 } });
  const direct = connectRedis({ target: redis.url });
  await direct.ready();
  const elsewhere = createRedisCore({ redis: direct.port, prefix: core.keys.prefix });
  await eventually(async () => {
    await cache.getOrSet("k", () => "old");
    expect((await cache.getWithMeta("k")).tier).toBe("l1");
  });
  await proxy.setMode("half-open");
  await elsewhere.cache<string>("cut-off", { ttl: "1m" }).set("k", "new");
  const gate = deferred<string>();
  gate.resolve("loaded");
  await eventually(async () => expect(await cache.getOrSet("k", () => gate.promise)).toBe("loaded"));
  await proxy.setMode("pass");
  await eventually(async () => expect(await cache.get("k")).toBe("new"));
  await elsewhere.close();
  await direct.close();
}, 30_000);
