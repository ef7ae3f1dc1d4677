import { startRedis } from "@cardinal/dev";
import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
import { manualClock } from "../src/clock.ts";
import { Misuse } from "../src/errors.ts";
import { LockLost } from "../src/locks/index.ts";
import { countCommands } from "./support/count-commands.ts";
import { mustHold } from "./support/must-hold.ts";

const url = inject("redisUrl");

describe("inspect", () => {
  it("tells who holds a lock until when, in one round trip", async () => {
    const clock = manualClock();
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url, { clock });
    const lock = test.core.lock("invoice-42", { lease: "10s", owner: "worker-3:4711" });
    const free = { isHeld: false, holders: [], isWaitedFor: false };
    expect(await lock.inspect()).toEqual({ ...free, lastToken: 0n });
    const held = await mustHold(lock.tryAcquire());
    clock.advance(4_000);
    const endsAtMs = clock.nowMs() + 6_000;
    expect(await lock.inspect()).toEqual({
      isHeld: true,
      holders: [{ owner: "worker-3:4711", leaseEndsInMs: 6_000, leaseEndsAtMs: endsAtMs }],
      lastToken: held.token,
      isWaitedFor: false,
    });
    expect(await countCommands(test.redis.port, () => lock.inspect())).toMatchObject({ evalsha: 1 });
    await held.release();
    expect(await lock.inspect()).toEqual({ ...free, lastToken: held.token });
  });

  it("tells the same of a semaphore and of a read-write lock, and shows no secret", async () => {
    await using test = await createTestCore(url);
    const semaphore = test.core.semaphore("encoder", { permits: 2, owner: "a" });
    const permits = [await mustHold(semaphore.tryAcquire()), await mustHold(semaphore.tryAcquire())];
    const [first, second] = (await semaphore.inspect()).holders;
    expect([first?.owner, second?.owner]).toEqual(["a", "a"]);
    expect((await semaphore.inspect()).lastToken).toBe(permits[1]?.token);
    const { read, write } = test.core.rwLock("catalogue");
    const reader = await mustHold(read.tryAcquire());
    const state = await write.inspect();
    expect(state.holders).toHaveLength(1);
    expect(JSON.stringify(state, (_, value) => String(value))).not.toContain(reader.toJSON().holder);
  });
});

describe("forceRelease", () => {
  it("frees a lock whoever holds it, and the next token is higher", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.lock("invoice-42");
    const held = await mustHold(lock.tryAcquire());
    const waiting = test.core.lock("invoice-42").acquire({ wait: "20s" });
    expect(await lock.forceRelease()).toBe(1);
    expect(await lock.forceRelease()).toBeLessThanOrEqual(1);
    await expect(held.extend()).rejects.toThrow(LockLost);
    expect(held.isHeld).toBe(false);
    expect(await held.release()).toBe(false);
    const next = await waiting.catch(() => lock.acquire());
    expect(next.token > held.token).toBe(true);
  });

  it("ends all leases of a semaphore and of a read-write lock, and wakes who waits", async () => {
    await using test = await createTestCore(url);
    const semaphore = test.core.semaphore("encoder", { permits: 2 });
    const permit = await mustHold(semaphore.tryAcquire());
    await mustHold(semaphore.tryAcquire());
    const waiting = semaphore.acquire({ wait: "20s" });
    await expect.poll(async () => (await semaphore.inspect()).isWaitedFor).toBe(true);
    expect(await semaphore.forceRelease()).toBe(2);
    await (await waiting).release();
    expect(await permit.release()).toBe(false);
    const { read, write } = test.core.rwLock("catalogue");
    await mustHold(read.tryAcquire());
    await mustHold(read.tryAcquire());
    expect(await write.forceRelease()).toBe(2);
    await (await mustHold(write.tryAcquire())).release();
  });
});

describe("isHeld", () => {
  it("is true while the lease is certain, and asks nobody", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const held = await mustHold(test.core.lock("invoice-42").tryAcquire());
    const commands = await countCommands(test.redis.port, async () => {
      expect(held.isHeld).toBe(true);
      await Promise.resolve();
    });
    expect(commands.evalsha).toBeUndefined();
    await held.release();
    expect(held.isHeld).toBe(false);
  });

  it("and the signal tell a holder that was busy for longer than its lease at once (T12)", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.lock("invoice-42", { lease: 600 });
    const held = await mustHold(lock.tryAcquire());
    const seenEarly = held.signal;
    blockEventLoop(700);
    expect(held.isHeld).toBe(false);
    expect(seenEarly.aborted).toBe(true);
    expect(held.signal.reason).toBeInstanceOf(LockLost);
  });

  it("a holder that was busy hears of it in the first turn of its event loop (T12)", async () => {
    await using test = await createTestCore(url);
    const held = await mustHold(test.core.lock("invoice-42", { lease: 600 }).tryAcquire());
    let heard = false;
    held.signal.addEventListener("abort", () => {
      heard = true;
    });
    blockEventLoop(700);
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
    expect(heard).toBe(true);
    const next = await test.core.lock("invoice-42").acquire();
    expect(next.token > held.token).toBe(true);
    expect(await held.release()).toBe(false);
  });
});

describe("bad input", () => {
  it.each([
    ["an empty name", "", {}],
    ["half a character", "\ud800", {}],
    ["no lease", "a", { lease: 0 }],
    ["a lease that is no number", "a", { lease: Number.NaN }],
    ["an endless lease", "a", { lease: Infinity }],
    ["a negative lease", "a", { lease: -1 }],
    ["a lease past a day", "a", { lease: "25h" }],
    ["a negative wait", "a", { wait: -1 }],
    ["a wait that is no number", "a", { wait: Number.NaN }],
    ["no time to hold", "a", { maxHold: 0 }],
    ["negative replicas", "a", { replicas: -1 }],
    ["half a replica", "a", { replicas: 0.5 }],
    ["an owner with a blank", "a", { owner: "a b" }],
    ["an owner that is too long", "a", { owner: "x".repeat(65) }],
    ["no owner's name", "a", { owner: "" }],
  ] as const)("is refused where it is written: %s", async (_, name, options) => {
    await using test = await createTestCore(url);
    expect(() => test.core.lock(name, options)).toThrow(Misuse);
  });

  it.each(["x".repeat(10_240), "{a}:*?[b]{c}", "\u0000\n ~", "名前"])("a name may be anything else", async (name) => {
    await using test = await createTestCore(url);
    const held = await mustHold(test.core.lock(name, { fair: true }).tryAcquire());
    expect(await test.core.lock(name).tryAcquire()).toBeNull();
    expect(await test.core.lock(`${name}2`).tryAcquire()).not.toBeNull();
    expect(await held.release()).toBe(true);
    for (const key of await test.listKeys()) {
      expect(Buffer.byteLength(key)).toBeLessThanOrEqual(256);
    }
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("is refused where it is used: waits, extensions, records", async () => {
    await using test = await createTestCore(url);
    const lock = test.core.lock("a");
    await expect(lock.acquire({ wait: Number.NaN })).rejects.toThrow(Misuse);
    const held = await mustHold(lock.tryAcquire());
    await expect(held.extend(0)).rejects.toThrow(Misuse);
    await expect(held.extend(-5)).rejects.toThrow(Misuse);
    await expect(lock.restore({ ...held.toJSON(), token: "many" })).rejects.toThrow(Misuse);
    expect(held.isHeld).toBe(true);
    expect(await held.release()).toBe(true);
  });
});

function blockEventLoop(ms: number): void {
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt) {
    // Busy on purpose.
  }
}
