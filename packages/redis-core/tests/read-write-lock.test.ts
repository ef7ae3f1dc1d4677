import { startRedis } from "@cardinal/dev";
import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import { LockLost } from "../src/locks/index.ts";
import { countCommands } from "./support/count-commands.ts";
import { mustHold } from "./support/must-hold.ts";
import type { SideHeld } from "./support/read-write-worker.ts";
import { startWorkers } from "./support/start-workers.ts";

const url = inject("redisUrl");

async function untilWaiting(test: TestCore, count: number): Promise<void> {
  const waiters = test.core.keys.rwlock.waiters("catalogue");
  await vi.waitFor(async () => expect(await test.redis.port.command("ZCARD", [waiters], [])).toBe(count));
}

describe("a read-write lock", () => {
  it("has many readers or one writer, over all cores, with rising tokens", async () => {
    await using test = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: test.prefix });
    const [here, there] = [test.core.rwLock("catalogue"), other.core.rwLock("catalogue")];
    const first = await mustHold(here.read.tryAcquire());
    const second = await mustHold(there.read.tryAcquire());
    expect(await here.write.tryAcquire()).toBeNull();
    expect(await first.release()).toBe(true);
    expect(await there.write.tryAcquire()).toBeNull();
    expect(await second.release()).toBe(true);
    expect(await second.release()).toBe(true);
    const writer = await mustHold(there.write.tryAcquire());
    expect(first.token < second.token && second.token < writer.token).toBe(true);
    expect(await here.write.tryAcquire()).toBeNull();
    expect(await here.read.tryAcquire()).toBeNull();
    expect(await there.read.restore(writer.toJSON())).toBeNull();
    expect(await writer.release()).toBe(true);
    expect(await here.read.tryAcquire()).not.toBeNull();
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("takes one round trip to take a side, and one to give it back", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const lock = test.core.rwLock("catalogue");
    await (await mustHold(lock.write.tryAcquire())).release();
    const commands = await countCommands(test.redis.port, async () => {
      await (await mustHold(lock.read.tryAcquire())).release();
      await (await mustHold(lock.write.tryAcquire())).release();
    });
    expect(commands).toMatchObject({ evalsha: 4 });
    expect(commands.publish).toBeUndefined();
  });

  it("keeps new readers out while a writer waits, then lets them all in", async () => {
    await using test = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: test.prefix });
    const lock = test.core.rwLock("catalogue");
    const reader = await mustHold(lock.read.tryAcquire());
    const writing = lock.write.acquire();
    await untilWaiting(test, 1);
    expect(await lock.read.tryAcquire()).toBeNull();
    const reading = [lock, other.core.rwLock("catalogue"), lock].map((each) => each.read.acquire());
    await untilWaiting(test, 4);
    const startedAt = performance.now();
    await reader.release();
    const writer = await writing;
    expect(await lock.read.tryAcquire()).toBeNull();
    await writer.release();
    const readers = await Promise.all(reading);
    // The first look without a message would come after 500 ms.
    expect(performance.now() - startedAt).toBeLessThan(450);
    await Promise.all(readers.map((each) => each.release()));
  });

  it("lets readers in when the writer they waited for gives up", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.rwLock("catalogue");
    await using _reader = await mustHold(lock.read.tryAcquire());
    const leaving = new AbortController();
    const writing = lock.write.acquire({ signal: leaving.signal });
    await untilWaiting(test, 1);
    const reading = lock.read.acquire();
    await untilWaiting(test, 2);
    const startedAt = performance.now();
    leaving.abort(new Error("left"));
    await expect(writing).rejects.toThrow("left");
    await (await reading).release();
    expect(performance.now() - startedAt).toBeLessThan(450);
  });

  it("frees what the dead had: a reader's lease, a writer's lease, a waiting writer's place", async () => {
    const clock = manualClock();
    await using test = await createTestCore(url, { clock });
    const lock = test.core.rwLock("catalogue", { lease: "10s" });
    const reader = await mustHold(lock.read.tryAcquire());
    clock.advance(9_999);
    expect(await lock.write.tryAcquire()).toBeNull();
    clock.advance(1);
    const writer = await mustHold(lock.write.tryAcquire());
    expect(await reader.release()).toBe(false);
    await expect(reader.extend()).rejects.toThrow(LockLost);
    clock.advance(9_999);
    expect(await lock.read.tryAcquire()).toBeNull();
    clock.advance(1);
    expect(await lock.read.tryAcquire()).not.toBeNull();
    expect(await writer.release()).toBe(false);
    const writers = test.core.keys.rwlock.writers("catalogue");
    await test.redis.port.command("ZADD", [writers], [clock.nowMs() + 3_000, "dead"]);
    clock.advance(2_999);
    expect(await lock.read.tryAcquire()).toBeNull();
    clock.advance(1);
    expect(await lock.read.tryAcquire()).not.toBeNull();
  });
});

describe("four processes on a read-write lock", () => {
  it("never write beside anybody, read together, and starve nobody", async () => {
    await using test = await createTestCore(url);
    await using workers = await startWorkers("read-write-worker.ts", 4, url, test.prefix);
    const results = await Promise.all(
      workers.all.map((worker) => worker.ask<SideHeld[]>({ calls: 40, parallel: 6 })),
    );
    const held = results.flat();
    expect(held).toHaveLength(160);
    const beside = (one: SideHeld) =>
      held.filter((other) => other !== one && other.fromNs < one.toNs && one.fromNs < other.toNs);
    const writers = held.filter(({ side }) => side === "write");
    expect(writers).toHaveLength(40);
    expect(writers.flatMap(beside)).toEqual([]);
    expect(held.some((one) => beside(one).length > 0)).toBe(true);
    for (const writer of writers) {
      const before = held.filter(({ toNs }) => toNs <= writer.fromNs);
      expect(before.every(({ token }) => token < writer.token)).toBe(true);
    }
    expect(await test.listPermanentKeys()).toEqual([]);
  });
});
