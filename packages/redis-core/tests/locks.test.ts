import { setTimeout as delay } from "node:timers/promises";
import { startRedis, startTcpProxy } from "@cardinal/dev";
import type { EpochStore } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import { createRedisCore } from "../src/core.ts";
import { isOutage, Misuse } from "../src/errors.ts";
import { LockLost, LockTimeout } from "../src/locks/index.ts";
import { countCommands } from "./support/count-commands.ts";
import { faultyPort } from "./support/faulty-port.ts";
import { mustHold } from "./support/must-hold.ts";

const url = inject("redisUrl");

describe("tryAcquire", () => {
  it("is held by one, and free again after release", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.lock("invoice-42");
    const held = await mustHold(lock.tryAcquire());
    expect(await test.core.lock("invoice-42").tryAcquire()).toBeNull();
    expect(await test.core.lock("invoice-43").tryAcquire()).not.toBeNull();
    expect(await held.release()).toBe(true);
    expect(await held.release()).toBe(true);
    expect(await lock.tryAcquire()).not.toBeNull();
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("is one round trip, and so is release", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const lock = test.core.lock("invoice-42");
    await (await mustHold(lock.tryAcquire())).release();
    const commands = await countCommands(test.redis.port, async () => {
      await (await mustHold(lock.tryAcquire())).release();
    });
    expect(commands).toMatchObject({ evalsha: 2 });
    expect(commands.publish).toBeUndefined();
  });

  it("gives rising fencing tokens, across an emptied Redis too", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const lock = test.core.lock("invoice-42");
    const tokens: bigint[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const held = await mustHold(lock.tryAcquire());
      tokens.push(held.token);
      await held.release();
      if (turn === 2) {
        clock.advance(1);
        await test.redis.port.command("DEL", [test.core.keys.lock.state("invoice-42")], []);
      }
    }
    expect(tokens).toEqual(tokens.toSorted((a, b) => Number(a - b)));
    expect(new Set(tokens).size).toBe(6);
    expect(tokens[0]).toBe(BigInt(clock.nowMs() - 1) * 1_000n);
  });

  it("never goes below what the epoch store remembers, even when the server's clock went back", async () => {
    const clock = manualClock();
    let highest = 0n;
    const epochStore: EpochStore = {
      read: async () => Promise.resolve(highest),
      raise: async (_, token) => {
        highest = token > highest ? token : highest;
        await Promise.resolve();
      },
    };
    await using test = await createTestCore(url, { clock, epochStore });
    const lock = test.core.lock("invoice-42");
    await (await mustHold(lock.tryAcquire())).release();
    const before = highest;
    clock.advance(-3_600_000);
    await test.redis.port.command("DEL", [test.core.keys.lock.state("invoice-42")], []);
    expect((await mustHold(lock.tryAcquire())).token).toBe(before + 1n);
  });

  it("gives a grant back when the epoch store cannot remember it", async () => {
    const epochStore: EpochStore = {
      read: () => Promise.resolve(0n),
      raise: () => Promise.reject(new Error("disk full")),
    };
    await using test = await createTestCore(url, { epochStore });
    await expect(test.core.lock("invoice-42").tryAcquire()).rejects.toThrow("disk full");
    const other = await createTestCore(url, { prefix: test.prefix });
    await vi.waitFor(async () => expect(await other.core.lock("invoice-42").tryAcquire()).not.toBeNull());
    await other.redis.close();
  });
});

describe("a held lock", () => {
  it("outlives its lease by renewals, and a stranger cannot end it", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.lock("invoice-42", { lease: 800 });
    const held = await mustHold(lock.tryAcquire());
    const stranger = await test.core.lock("invoice-42").restore({ ...held.toJSON(), holder: "0".repeat(32) });
    expect(stranger).toBeNull();
    const startedAt = performance.now();
    while (performance.now() - startedAt < 1_700) {
      expect(await lock.tryAcquire()).toBeNull();
      await delay(20);
    }
    expect(held.signal.aborted).toBe(false);
    expect(await held.release()).toBe(true);
  });

  it("aborts before the lease can end when it cannot be renewed", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using connection = connectRedis({ target: proxy.url(), deadlineMs: 300 });
    await connection.ready();
    await using core = createRedisCore({ redis: connection.port, prefix: "stalled" });
    const askedAt = performance.now();
    const held = await mustHold(core.lock("invoice-42", { lease: 2_000 }).tryAcquire());
    await proxy.setMode("stall");
    await aborted(held.signal);
    expect(performance.now() - askedAt).toBeLessThan(2_000);
    expect(held.signal.reason).toBeInstanceOf(LockLost);
    await expect(held.extend()).rejects.toThrow(LockLost);
    await expect(held.release()).rejects.toSatisfy(isOutage);
  });

  it("aborts at once when Redis says that it ended, and does not revive it", async () => {
    await using test = await createTestCore(url);
    const held = await mustHold(test.core.lock("invoice-42", { lease: 600 }).tryAcquire());
    await test.redis.port.command("DEL", [test.core.keys.lock.state("invoice-42")], []);
    await aborted(held.signal);
    expect(held.signal.reason).toBeInstanceOf(LockLost);
    expect(await held.release()).toBe(false);
  });

  it("extends by its own lease or a given one, only while held", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const lock = test.core.lock("invoice-42", { lease: "10s" });
    const held = await mustHold(lock.tryAcquire());
    clock.advance(9_000);
    await held.extend("1m");
    clock.advance(59_999);
    expect(await lock.tryAcquire()).toBeNull();
    clock.advance(1);
    const next = await mustHold(lock.tryAcquire());
    await expect(held.extend()).rejects.toThrow(LockLost);
    expect(held.signal.aborted).toBe(true);
    expect(await held.release()).toBe(false);
    expect(next.signal.aborted).toBe(false);
  });

  it("may be extended by less or more than its lease, and a renewal shortens nothing", async () => {
    await using test = await createTestCore(url);
    const held = await mustHold(test.core.lock("invoice-42", { lease: "30s" }).tryAcquire());
    await held.extend("2s");
    expect(held.signal.aborted).toBe(false);
    const short = await mustHold(test.core.lock("invoice-43", { lease: 600 }).tryAcquire());
    await short.extend("1m");
    await delay(700);
    const { holders } = await test.core.lock("invoice-43").inspect();
    expect(holders[0]?.leaseEndsInMs).toBeGreaterThan(50_000);
  });

  it("goes on in another process from its record", async () => {
    await using test = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: test.prefix });
    const held = await mustHold(test.core.lock("invoice-42").tryAcquire());
    const record: unknown = JSON.parse(JSON.stringify(held));
    expect(record).toEqual(held.toJSON());
    const restored = await mustHold(other.core.lock("invoice-42").restore(held.toJSON()));
    expect(restored.token).toBe(held.token);
    expect(await restored.release()).toBe(true);
    expect(await other.core.lock("invoice-42").restore(held.toJSON())).toBeNull();
    await expect(other.core.lock("invoice-43").restore(held.toJSON())).rejects.toThrow(Misuse);
  });

  it("does not come back to life by a renewal that races with its release", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.lock("invoice-42", { lease: "30s" });
    for (let turn = 0; turn < 30; turn += 1) {
      const held = await mustHold(lock.tryAcquire());
      const racing = [held.extend().catch(() => {}), held.release(), held.extend().catch(() => {})];
      await Promise.all(racing);
      await expect(held.extend()).rejects.toThrow();
    }
    expect(await lock.tryAcquire()).not.toBeNull();
  });
});

describe("acquire", () => {
  it("is woken by the release, not by a poll", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    await using other = await createTestCore(redis.url, { prefix: test.prefix });
    const held = await mustHold(test.core.lock("invoice-42").tryAcquire());
    const waiting = other.core.lock("invoice-42").acquire();
    await vi.waitFor(async () => expect((await test.core.lock("invoice-42").inspect()).isWaitedFor).toBe(true));
    const startedAt = performance.now();
    await held.release();
    const next = await waiting;
    // The first look without a message would come after 500 ms.
    expect(performance.now() - startedAt).toBeLessThan(450);
    expect(next.token).toBeGreaterThan(held.token);
    await next.release();
  });

  it("serves every one of many waiters in two processes, one at a time", async () => {
    await using test = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: test.prefix });
    let inside = 0;
    const order: bigint[] = [];
    const work = (core: typeof test.core) =>
      core.lock("invoice-42", { wait: "20s" }).run(async ({ token }) => {
        inside += 1;
        expect(inside).toBe(1);
        order.push(token);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 60 }, (_, index) => work(index % 2 ? test.core : other.core)));
    expect(order).toHaveLength(60);
    expect(order).toEqual(order.toSorted((a, b) => Number(a - b)));
  });

  it("takes over from a holder that died, when its lease ends", async () => {
    await using test = await createTestCore(url);
    const lease = test.core.keys.lock.state("invoice-42");
    const endsAtMs = Date.now() + 200;
    await test.redis.port.command("SET", [lease], [heldBy("dead", endsAtMs), "PX", 60_000]);
    const held = await test.core.lock("invoice-42").acquire({ wait: "5s" });
    expect(Date.now()).toBeGreaterThanOrEqual(endsAtMs - 1);
    expect(Date.now()).toBeLessThan(endsAtMs + 1_000);
    await held.release();
  });

  it("gives up at its deadline, or by the signal, and leaves nothing for ever", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.lock("invoice-42");
    const held = await mustHold(lock.tryAcquire());
    await expect(lock.acquire({ wait: 50 })).rejects.toThrow(LockTimeout);
    await expect(lock.acquire({ wait: 0 })).rejects.toThrow(LockTimeout);
    const leaving = new AbortController();
    const waiting = lock.acquire({ signal: leaving.signal });
    leaving.abort(new Error("left"));
    await expect(waiting).rejects.toThrow("left");
    expect(await test.listPermanentKeys()).toEqual([]);
    await held.release();
  });

  it("gives up at its deadline, or by the signal, also while it cannot listen for a release", async () => {
    await using test = await createTestCore(url);
    const deaf = faultyPort(test.redis.port).deaf();
    await using core = createRedisCore({ redis: deaf, prefix: test.prefix });
    const lock = core.lock("invoice-42");
    const held = await mustHold(lock.tryAcquire());
    const startedAt = performance.now();
    await expect(lock.acquire({ wait: 50 })).rejects.toThrow(LockTimeout);
    const leaving = new AbortController();
    const waiting = lock.acquire({ signal: leaving.signal });
    setTimeout(() => leaving.abort(new Error("left")), 50);
    await expect(waiting).rejects.toThrow("left");
    expect(performance.now() - startedAt).toBeLessThan(900);
    await held.release();
  });

  it("gives back a grant whose answer came too late for its caller", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.lock("invoice-42");
    const leaving = new AbortController();
    const attempt = lock.tryAcquire({ signal: leaving.signal });
    leaving.abort(new Error("left"));
    await expect(attempt).rejects.toThrow("left");
    await vi.waitFor(async () => expect(await lock.tryAcquire()).not.toBeNull());
  });

  it("is granted once although the reply was lost, and released although that reply was lost", async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy({ target: redis });
    await using connection = connectRedis({ target: proxy.url(), deadlineMs: 3_000 });
    await connection.ready();
    await using core = createRedisCore({ redis: connection.port, prefix: "lost" });
    await using direct = await createTestCore(redis.url, { prefix: "lost" });
    const lock = core.lock("invoice-42");
    await (await mustHold(lock.tryAcquire())).release();
    await proxy.setMode("cut-after-request-before-reply", { match: "lock:state", times: 1 });
    const held = await mustHold(lock.tryAcquire());
    expect(await direct.core.lock("invoice-42").tryAcquire()).toBeNull();
    await proxy.setMode("cut-after-request-before-reply", { match: "lock:state", times: 1 });
    expect(await held.release()).toBe(true);
    expect(await direct.core.lock("invoice-42").tryAcquire()).not.toBeNull();
    expect(proxy.counters().cuts).toBe(2);
  });

  it("throws without Redis", async () => {
    const away = connectRedis({ target: "redis://127.0.0.1:1", deadlineMs: 200 });
    await using core = createRedisCore({ redis: away.port, prefix: "away" });
    await expect(core.lock("invoice-42").acquire()).rejects.toSatisfy(isOutage);
    await away.close();
  });
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    } else {
      signal.addEventListener("abort", () => resolve(), { once: true });
    }
  });
}

/** The state of a lock as the scripts write it: end, waited for until, token, given up until, holder. */
function heldBy(holder: string, endsAtMs: number): string {
  return [endsAtMs, "0".repeat(13), "1".padStart(16, "0"), "0".repeat(13), holder].join(" ");
}
