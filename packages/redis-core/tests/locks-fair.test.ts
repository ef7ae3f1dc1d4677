import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import { LockTimeout } from "../src/locks/index.ts";

const url = inject("redisUrl");

async function untilWaiting(test: TestCore, count: number): Promise<void> {
  const queue = test.core.keys.lock.queue("invoice-42");
  await vi.waitFor(async () => expect(await test.redis.port.command("ZCARD", [queue], [])).toBe(count));
}

describe("a fair lock", () => {
  it("serves the waiters of several processes in the order they came, each woken by its turn", async () => {
    await using test = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: test.prefix });
    const held = await test.core.lock("invoice-42", { fair: true }).acquire();
    const order: number[] = [];
    const waiting: Promise<void>[] = [];
    for (let number = 0; number < 12; number += 1) {
      const { core } = number % 3 === 0 ? other : test;
      const lock = core.lock("invoice-42", { fair: true, wait: "20s" });
      waiting.push(lock.run(() => void order.push(number)));
      await untilWaiting(test, number + 1);
    }
    const startedAt = performance.now();
    await held.release();
    await Promise.all(waiting);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    // Looking without messages, at every 500 ms at best, would take several seconds.
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await untilWaiting(test, 0);
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("lets nobody in who did not wait, and excludes the holders of a lock that is not fair", async () => {
    await using test = await createTestCore(url);
    const fair = test.core.lock("invoice-42", { fair: true });
    const plain = await test.core.lock("invoice-42").acquire();
    expect(await fair.tryAcquire()).toBeNull();
    const waiting = fair.acquire();
    await untilWaiting(test, 1);
    const [next] = await Promise.all([waiting, plain.release()]);
    expect(await test.core.lock("invoice-42").tryAcquire()).toBeNull();
    expect(next.token > plain.token).toBe(true);
    await next.release();
    expect(await fair.tryAcquire()).not.toBeNull();
  });

  it("gives the place of who left to the next at once", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.lock("invoice-42", { fair: true });
    const held = await lock.acquire();
    const leaving = new AbortController();
    const gone = lock.acquire({ signal: leaving.signal });
    await untilWaiting(test, 1);
    const next = lock.acquire();
    await untilWaiting(test, 2);
    leaving.abort(new Error("left"));
    await expect(gone).rejects.toThrow("left");
    await untilWaiting(test, 1);
    await expect(lock.acquire({ wait: 30 })).rejects.toThrow(LockTimeout);
    const startedAt = performance.now();
    await held.release();
    await (await next).release();
    expect(performance.now() - startedAt).toBeLessThan(450);
  });

  it("passes a dead waiter by when Redis has not heard of it for three seconds", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const lock = test.core.lock("invoice-42", { fair: true });
    await (await lock.acquire()).release();
    const { state, waiters, queue } = test.core.keys.lock;
    const placeEndsAtMs = clock.nowMs() + 3_000;
    await test.redis.port.command("ZADD", [queue("invoice-42")], [1, "dead"]);
    await test.redis.port.command("ZADD", [waiters("invoice-42")], [placeEndsAtMs, "dead"]);
    await test.redis.port.command("SETRANGE", [state("invoice-42")], [14, placeEndsAtMs]);
    clock.advance(2_999);
    expect(await lock.tryAcquire()).toBeNull();
    clock.advance(1);
    expect(await lock.tryAcquire()).not.toBeNull();
  });
});
