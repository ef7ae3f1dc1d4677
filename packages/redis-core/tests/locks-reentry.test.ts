import { startRedis } from "@cardinal/dev";
import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
import { Misuse } from "../src/errors.ts";
import { LockLost } from "../src/locks/index.ts";
import { countCommands } from "./support/count-commands.ts";
import { mustHold } from "./support/must-hold.ts";

const url = inject("redisUrl");

describe("within", () => {
  it("a lock is entered again at no round trip, and freed by who took it", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const lock = test.core.lock("invoice-42");
    const commands = await countCommands(test.redis.port, () =>
      lock.run(async (outer) => {
        await lock.run(
          async (inner) => {
            expect([inner.token, inner.isHeld]).toEqual([outer.token, true]);
            await using again = await test.core.lock("invoice-42").acquire({ within: inner });
            expect(await again.release()).toBe(true);
            expect(again.isHeld).toBe(true);
            const third = await lock.tryAcquire({ within: again });
            expect(third?.signal).toBe(outer.signal);
          },
          { within: outer },
        );
        expect(outer.isHeld).toBe(true);
      }),
    );
    expect(commands.evalsha).toBe(2);
    expect((await lock.inspect()).isHeld).toBe(false);
  });

  it("one of several names, or a read inside of a write, is covered; nothing else is", async () => {
    await using test = await createTestCore(url);
    const { core } = test;
    const both = await mustHold(core.lock(["a", "b"]).tryAcquire());
    await (await core.lock("a").acquire({ within: both })).release();
    await expect(core.lock("c").acquire({ within: both })).rejects.toThrow(Misuse);
    await expect(core.lock(["a", "c"]).tryAcquire({ within: both })).rejects.toThrow(Misuse);
    await expect(core.semaphore("a", { permits: 1 }).tryAcquire({ within: both })).rejects.toThrow(Misuse);
    const catalogue = core.rwLock("catalogue");
    const writer = await mustHold(catalogue.write.tryAcquire());
    await (await catalogue.read.acquire({ within: writer })).release();
    await writer.release();
    const reader = await mustHold(catalogue.read.tryAcquire());
    await expect(catalogue.write.acquire({ within: reader })).rejects.toThrow(Misuse);
    expect(await reader.release()).toBe(true);
  });

  it("a lock that is over nobody enters", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.lock("invoice-42");
    const released = await mustHold(lock.tryAcquire());
    await released.release();
    await expect(lock.tryAcquire({ within: released })).rejects.toThrow(LockLost);
    const forced = await mustHold(lock.tryAcquire());
    await lock.forceRelease();
    await forced.extend().catch(() => {});
    await expect(lock.acquire({ within: forced })).rejects.toThrow(LockLost);
  });
});

describe("round trips", () => {
  it("extend, restore, inspect and force are one each, of every kind of lock", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const { core } = test;
    const { read, write } = core.rwLock("d");
    const locks = [core.lock("a"), core.lock("b", { fair: true }), core.semaphore("c", { permits: 2 }), read, write];
    const use = async () => {
      for (const lock of locks) {
        const held = await mustHold(lock.tryAcquire());
        await held.extend();
        await mustHold(lock.restore(held.toJSON()));
        await lock.inspect();
        expect(await lock.forceRelease()).toBe(1);
      }
    };
    await use();
    expect(await countCommands(test.redis.port, use)).toMatchObject({ evalsha: 5 * locks.length });
  });

  it("a wait is an attempt, a subscription, an attempt that says so, and one when it is woken", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const lock = test.core.lock("invoice-42");
    await (await mustHold(lock.tryAcquire())).release();
    const held = await mustHold(lock.tryAcquire());
    const commands = await countCommands(test.redis.port, async () => {
      const waiting = lock.acquire();
      while (!(await lock.inspect()).isWaitedFor) {
        await Promise.resolve();
      }
      await held.release();
      await (await waiting).release();
    });
    expect(commands).toMatchObject({ subscribe: 1, publish: 2 });
    // Not of the lock: the questions whether it is waited for. Of it: three attempts and two releases.
    expect((commands.set ?? 0) + (commands.setrange ?? 0)).toBe(4);
  });
});
