import { startRedis, startTcpProxy } from "@cardinal/dev";
import { connectRedis } from "@cardinal/redis-core/connection";
import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import { createRedisCore } from "../src/core.ts";
import { isOutage, Misuse } from "../src/errors.ts";
import { LockLost, LockTimeout } from "../src/locks/index.ts";
import { countCommands } from "./support/count-commands.ts";
import { mustHold } from "./support/must-hold.ts";
import type { PermitHeld } from "./support/semaphore-worker.ts";
import { startWorkers } from "./support/start-workers.ts";

const url = inject("redisUrl");

describe("a semaphore", () => {
  it("gives as many permits as it has, over all cores, with rising tokens", async () => {
    await using test = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: test.prefix });
    const here = test.core.semaphore("encoder", { permits: 3 });
    const there = other.core.semaphore("encoder", { permits: 3 });
    const first = await mustHold(here.tryAcquire());
    const second = await mustHold(there.tryAcquire());
    const third = await mustHold(here.tryAcquire());
    expect(first.token < second.token && second.token < third.token).toBe(true);
    expect(await here.tryAcquire()).toBeNull();
    expect(await there.tryAcquire()).toBeNull();
    expect(await second.release()).toBe(true);
    expect(await second.release()).toBe(true);
    expect(await here.tryAcquire()).not.toBeNull();
    expect(await there.tryAcquire()).toBeNull();
    expect(await other.core.semaphore("printer", { permits: 1 }).tryAcquire()).not.toBeNull();
    expect(await test.core.lock("encoder").tryAcquire()).not.toBeNull();
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("takes one round trip to take a permit, and one to give it back", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const semaphore = test.core.semaphore("encoder", { permits: 2 });
    await (await mustHold(semaphore.tryAcquire())).release();
    const commands = await countCommands(test.redis.port, async () => {
      await (await mustHold(semaphore.tryAcquire())).release();
    });
    expect(commands).toMatchObject({ evalsha: 2 });
    expect(commands.publish).toBeUndefined();
  });

  it("counts a lease until the moment it ends, and revives none", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const semaphore = test.core.semaphore("encoder", { permits: 2, lease: "10s" });
    const early = await mustHold(semaphore.tryAcquire());
    clock.advance(6_000);
    const late = await mustHold(semaphore.tryAcquire());
    clock.advance(3_999);
    expect(await semaphore.tryAcquire()).toBeNull();
    clock.advance(1);
    await expect(early.extend()).rejects.toThrow(LockLost);
    expect(early.signal.aborted).toBe(true);
    const next = await mustHold(semaphore.tryAcquire());
    expect(await early.release()).toBe(false);
    expect(await semaphore.tryAcquire()).toBeNull();
    await late.extend("1m");
    clock.advance(9_999);
    expect(await semaphore.tryAcquire()).toBeNull();
    expect(await next.release()).toBe(true);
    expect(await late.release()).toBe(true);
  });

  it("goes by the number of whoever asks, when it was made smaller", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    for (const lease of [10_000, 20_000, 30_000]) {
      await mustHold(test.core.semaphore("encoder", { permits: 3, lease }).tryAcquire());
    }
    const smaller = test.core.semaphore("encoder", { permits: 1 });
    clock.advance(29_999);
    expect(await smaller.tryAcquire()).toBeNull();
    clock.advance(1);
    expect(await smaller.tryAcquire()).not.toBeNull();
  });

  it("renews what is held, and frees what a dead holder had", async () => {
    await using test = await createTestCore(url);
    const semaphore = test.core.semaphore("encoder", { permits: 2, lease: 1_200 });
    await using held = await mustHold(semaphore.tryAcquire());
    const holders = test.core.keys.semaphore.holders("encoder");
    const endsAtMs = Date.now() + 900;
    await test.redis.port.command("ZADD", [holders], [endsAtMs, "dead"]);
    await test.redis.port.command("PEXPIRE", [holders], [2_000]);
    await using next = await semaphore.acquire({ wait: "5s" });
    expect(Date.now()).toBeGreaterThanOrEqual(endsAtMs - 1);
    expect([held.signal.aborted, next.signal.aborted]).toEqual([false, false]);
  });

  it("wakes a waiter for every permit that is given back", async () => {
    await using test = await createTestCore(url);
    const semaphore = test.core.semaphore("encoder", { permits: 4, lease: "1m", wait: "20s" });
    const held = await Promise.all(Array.from({ length: 4 }, () => mustHold(semaphore.tryAcquire())));
    const waiting = Array.from({ length: 4 }, () => semaphore.acquire());
    const waiters = test.core.keys.semaphore.waiters("encoder");
    await vi.waitFor(async () => expect(await test.redis.port.command("ZCARD", [waiters], [])).toBe(4));
    const startedAt = performance.now();
    await Promise.all(held.map((permit) => permit.release()));
    const next = await Promise.all(waiting);
    // The first look without a message would come after 500 ms.
    expect(performance.now() - startedAt).toBeLessThan(450);
    expect(await semaphore.tryAcquire()).toBeNull();
    await Promise.all(next.map((permit) => permit.release()));
  });

  it("times out, and obeys the caller's signal", async () => {
    await using test = await createTestCore(url);
    const semaphore = test.core.semaphore("encoder", { permits: 1 });
    await using _held = await mustHold(semaphore.tryAcquire());
    await expect(semaphore.acquire({ wait: 50 })).rejects.toThrow(LockTimeout);
    const leaving = new AbortController();
    const waiting = semaphore.acquire({ signal: leaving.signal });
    leaving.abort(new Error("left"));
    await expect(waiting).rejects.toThrow("left");
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("goes on in another process from its record", async () => {
    await using test = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: test.prefix });
    const held = await mustHold(test.core.semaphore("encoder", { permits: 1 }).tryAcquire());
    const there = other.core.semaphore("encoder", { permits: 1 });
    expect(await there.restore({ ...held.toJSON(), holder: "0".repeat(32) })).toBeNull();
    const restored = await mustHold(there.restore(held.toJSON()));
    expect(restored.token).toBe(held.token);
    expect(await restored.release()).toBe(true);
    expect(await there.restore(held.toJSON())).toBeNull();
  });

  it("takes one permit although the reply was lost, and gives it back although that reply was lost", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using connection = connectRedis({ target: proxy.url(), deadlineMs: 3_000 });
    await connection.ready();
    await using core = createRedisCore({ redis: connection.port, prefix: "lost" });
    await using direct = await createTestCore(redis.url, { prefix: "lost" });
    const semaphore = core.semaphore("encoder", { permits: 2 });
    const holders = core.keys.semaphore.holders("encoder");
    await (await mustHold(semaphore.tryAcquire())).release();
    await proxy.setMode("cut-after-request-before-reply", { match: "semaphore:holders", times: 1 });
    const held = await mustHold(semaphore.tryAcquire());
    expect(await direct.redis.port.command("ZCARD", [holders], [])).toBe(1);
    await proxy.setMode("cut-after-request-before-reply", { match: "semaphore:holders", times: 1 });
    expect(await held.release()).toBe(true);
    expect(await direct.redis.port.command("ZCARD", [holders], [])).toBe(0);
    expect(proxy.counters().cuts).toBe(2);
  });

  it("throws without Redis", async () => {
    const away = connectRedis({ target: "redis://127.0.0.1:1", deadlineMs: 200 });
    await using core = createRedisCore({ redis: away.port, prefix: "away" });
    await expect(core.semaphore("encoder", { permits: 1 }).acquire()).rejects.toSatisfy(isOutage);
    await away.close();
  });

  it.each([0, -1, 1.5, Number.NaN, 10_001])("refuses %s permits", async (permits) => {
    await using test = await createTestCore(url);
    expect(() => test.core.semaphore("encoder", { permits })).toThrow(Misuse);
  });
});

describe("four processes on a semaphore of three", () => {
  it("never hold more than three permits, serve everybody, and leave nothing", async () => {
    await using test = await createTestCore(url);
    await using workers = await startWorkers("semaphore-worker.ts", 4, url, test.prefix);
    const results = await Promise.all(
      workers.all.map((worker) => worker.ask<PermitHeld[]>({ calls: 40, parallel: 8 })),
    );
    const held = results.flat();
    expect(held).toHaveLength(160);
    const most = Math.max(
      ...held.map(({ fromNs }) => held.filter((other) => other.fromNs <= fromNs && fromNs < other.toNs).length),
    );
    expect(most).toBeLessThanOrEqual(3);
    expect(most).toBeGreaterThan(1);
    const holders = test.core.keys.semaphore.holders("encoder");
    expect(await test.redis.port.command("ZCARD", [holders], [])).toBe(0);
    expect(await test.listPermanentKeys()).toEqual([]);
  });
});
