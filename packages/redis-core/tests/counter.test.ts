import { startRedis, startTcpProxy } from "@cardinal/dev";
import { connectRedis } from "@cardinal/redis-core/connection";
import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
import { manualClock } from "../src/clock.ts";
import { createRedisCore } from "../src/core.ts";
import { isOutage, Misuse } from "../src/errors.ts";

const url = inject("redisUrl");

describe("counter", () => {
  it("counts, reads and ranks, and knows nothing of items never counted", async () => {
    await using test = await createTestCore(url);
    const views = test.core.counter("post-views", {});
    expect(await views.increment("a")).toBe(1);
    expect(await views.increment("a", { by: 4 })).toBe(5);
    await views.increment("b", { by: 7 });
    await views.increment("c", { by: -2 });
    expect(await views.get(["a", "x", "b"])).toEqual(new Map(Object.entries({ a: 5, x: 0, b: 7 })));
    expect(await views.get([])).toEqual(new Map());
    expect(await views.top(2)).toEqual([
      { item: "b", count: 7 },
      { item: "a", count: 5 },
    ]);
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("loses nothing under concurrent increments", async () => {
    await using test = await createTestCore(url);
    const views = test.core.counter("post-views", {});
    await Promise.all(Array.from({ length: 500 }, () => views.increment("a", { by: 3 })));
    expect((await views.get(["a"])).get("a")).toBe(1_500);
  });

  it("counts a viewer once per item and window", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const views = test.core.counter("post-views", { dedupe: "1h" });
    const count = (item: string, viewer: string) => views.increment(item, { viewer });
    expect(await count("a", "ada")).toBe(1);
    expect(await count("a", "ada")).toBe(1);
    expect(await count("a", "bo")).toBe(2);
    expect(await count("b", "ada")).toBe(1);
    clock.advance(3_600_000 - 1);
    expect(await count("a", "ada")).toBe(2);
    clock.advance(1);
    expect(await count("a", "ada")).toBe(3);
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("answers an operation id seen before without counting", async () => {
    await using test = await createTestCore(url);
    const views = test.core.counter("post-views", {});
    expect(await views.increment("a", { by: 2, operationId: "op-1" })).toBe(2);
    await views.increment("a");
    expect(await views.increment("a", { by: 2, operationId: "op-1" })).toBe(2);
    expect((await views.get(["a"])).get("a")).toBe(3);
  });

  it("keeps at most maxItems, the highest", async () => {
    await using test = await createTestCore(url);
    const views = test.core.counter("post-views", { maxItems: 3 });
    for (const [index, item] of ["a", "b", "c", "d", "e"].entries()) {
      await views.increment(item, { by: 10 + index });
    }
    expect((await views.top(10)).map(({ item }) => item)).toEqual(["e", "d", "c"]);
  });

  it("counts confirmed increments exactly once while replies are lost (T3)", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using connection = connectRedis({ target: proxy.url(), deadlineMs: 2_000 });
    await connection.ready();
    await using core = createRedisCore({ redis: connection.port, prefix: "t3" });
    const views = core.counter("post-views", {});
    await proxy.setMode("cut-after-request-before-reply", { match: "operation", every: 10 });
    let confirmed = 0;
    let unknown = 0;
    for (let call = 0; call < 200; call += 1) {
      try {
        await views.increment("a", { operationId: `op-${call}` });
        confirmed += 1;
      } catch (error) {
        expect(isOutage(error)).toBe(true);
        unknown += 1;
        await connection.ready();
      }
    }
    await proxy.setMode("pass");
    await connection.ready();
    const stored = (await views.get(["a"])).get("a") ?? 0;
    expect(proxy.counters().cuts).toBeGreaterThan(10);
    expect(stored).toBeGreaterThanOrEqual(confirmed);
    expect(stored).toBeLessThanOrEqual(confirmed + unknown);
    expect(confirmed).toBeGreaterThan(150);
  });

  it("refuses fractions, NaN and unbounded tops", async () => {
    await using test = await createTestCore(url);
    const views = test.core.counter("post-views", {});
    await expect(views.increment("a", { by: 0.5 })).rejects.toThrow(Misuse);
    await expect(views.increment("a", { by: Number.NaN })).rejects.toThrow(Misuse);
    await expect(views.top(0)).rejects.toThrow(Misuse);
    await expect(views.top(1_001)).rejects.toThrow(Misuse);
  });
});
