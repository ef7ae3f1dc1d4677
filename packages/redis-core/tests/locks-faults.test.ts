import { once } from "node:events";
import { type RunningRedis, startRedis, startTcpProxy } from "@cardinal/dev";
import { connectRedis, type RedisConnection } from "@cardinal/redis-core/connection";
import { createTestCore } from "@cardinal/redis-core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRedisCore, type RedisCore } from "../src/core.ts";
import { isOutage } from "../src/errors.ts";
import { type HeldLock, type Lock, LockLost } from "../src/locks/index.ts";
import { eventually } from "./support/eventually.ts";
import { faultyPort } from "./support/faulty-port.ts";
import type { HolderReport, HoldTask } from "./support/lock-holder.ts";
import { mustHold } from "./support/must-hold.ts";
import { startWorkers } from "./support/start-workers.ts";

/** The long form has a hundred. */
const rounds = Math.ceil(Number(process.env["PROPERTY_RUNS"] ?? 1));
const roundsMs = 30_000 * rounds;

let redis: RunningRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

/** A core behind a proxy, and one that goes straight to the same Redis. */
async function openBehindProxy(prefix: string, deadlineMs: number) {
  const stack = new AsyncDisposableStack();
  const proxy = stack.use(await startTcpProxy({ target: redis }));
  const connection: RedisConnection = stack.use(connectRedis({ target: proxy.url(), deadlineMs }));
  await connection.ready();
  const core = stack.use(createRedisCore({ redis: connection.port, prefix }));
  const direct = stack.use(await createTestCore(redis.url, { prefix }));
  return { proxy, core, direct: direct.core, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

describe.concurrent("a holder", () => {
  it("that is stopped for three leases loses the lock, hears of it when it wakes, and is fenced (T9)", async () => {
    await using test = await createTestCore(redis.url);
    await using workers = await startWorkers("lock-holder.ts", 1, redis.url, test.prefix);
    const [worker] = workers.all;
    const leaseMs = 400;
    for (let round = 0; round < rounds; round += 1) {
      const lock = `stopped-${round}`;
      const task: HoldTask = { lock, leaseMs, writeAfterMs: leaseMs };
      const granted = await worker?.ask<HolderReport>(task);
      worker?.process.kill("SIGSTOP");
      const stoppedAt = performance.now();
      const next = await test.core.lock(lock, { wait: "10s" }).acquire();
      while (performance.now() - stoppedAt < 3 * leaseMs) {
        await pause(10);
      }
      const written = once(worker!.process, "message") as Promise<[HolderReport]>;
      worker?.process.kill("SIGCONT");
      const [late] = await written;
      expect(late).toMatchObject({ kind: "writes", token: granted?.token, isAborted: true, isHeld: false });
      expect(late.token < next.token).toBe(true);
      expect(next.isHeld).toBe(true);
      await next.release();
    }
  }, roundsMs);

  it("that is killed is followed when its lease ends (T10)", async () => {
    await using test = await createTestCore(redis.url);
    const leaseMs = 800;
    for (let round = 0; round < rounds; round += 1) {
      await using workers = await startWorkers("lock-holder.ts", 1, redis.url, test.prefix);
      const lock = `killed-${round}`;
      await workers.all[0]?.ask({ lock, leaseMs, writeAfterMs: 60_000 });
      const waiting = test.core.lock(lock, { wait: "10s" }).acquire();
      await eventually(async () => expect((await test.core.lock(lock).inspect()).isWaitedFor).toBe(true));
      workers.all[0]?.process.kill("SIGKILL");
      const killedAt = performance.now();
      await (await waiting).release();
      expect(performance.now() - killedAt).toBeLessThan(3 * (leaseMs + 100));
    }
  }, roundsMs);

  it("whose renewals are stuck hears of it well before the lease ends (T11)", async () => {
    await using behind = await openBehindProxy("stuck", 5_000);
    const leaseMs = 3_000;
    const held = await mustHold(behind.core.lock("invoice-42", { lease: leaseMs }).tryAcquire());
    const { leaseEndsAtMs } = (await behind.direct.lock("invoice-42").inspect()).holders[0] ?? {};
    await behind.proxy.setMode("stall");
    await once(held.signal, "abort");
    const leftMs = (leaseEndsAtMs ?? 0) - Date.now();
    // 600 ms are promised; a third of it is left for a timer that is late on a busy machine.
    expect(leftMs).toBeGreaterThan(200);
    expect(held.signal.reason).toBeInstanceOf(LockLost);
    expect(held.isHeld).toBe(false);
    expect((await behind.direct.lock("invoice-42").inspect()).isHeld).toBe(true);
  });

  it("whose release cannot be sent frees the lock as soon as Redis answers", async () => {
    await using behind = await openBehindProxy("cut-off", 300);
    const held = await mustHold(behind.core.lock("invoice-42", { lease: "1m" }).tryAcquire());
    await behind.proxy.setMode("refuse");
    await expect(held.release()).rejects.toSatisfy(isOutage);
    expect((await behind.direct.lock("invoice-42").inspect()).isHeld).toBe(true);
    await behind.proxy.setMode("pass");
    const next = await behind.direct.lock("invoice-42").acquire({ wait: "10s" });
    expect(next.token > held.token).toBe(true);
  });
});

describe.concurrent("a lost reply", () => {
  it("of an attempt or a release leaves no lock that nobody holds (T3)", async () => {
    await using behind = await openBehindProxy("lost", 1_000);
    // Two in a row: the resent call is lost as well, and the attempt fails.
    await behind.proxy.setMode("cut-after-request-before-reply", { match: "lock:state", every: 3 });
    let failures = 0;
    for (let turn = 0; turn < 12; turn += 1) {
      const name = `invoice-${turn}`;
      try {
        const held = await behind.core.lock(name, { lease: "1m", wait: "5s" }).acquire();
        await held.release();
      } catch (error) {
        expect(isOutage(error)).toBe(true);
        failures += 1;
      }
      const next = await behind.direct.lock(name).acquire({ wait: "3s" });
      await next.release();
    }
    expect(behind.proxy.counters().cuts).toBeGreaterThan(3);
    expect(failures).toBeLessThan(12);
  });

  it("of attempts that failed for good is given back within a second of Redis' return", async () => {
    await using behind = await openBehindProxy("given-back", 300);
    const lock = behind.core.lock("invoice-42", { lease: "1m" });
    await (await mustHold(lock.tryAcquire())).release();
    await behind.proxy.setMode("half-open", { direction: "replies" });
    await expect(lock.tryAcquire()).rejects.toSatisfy(isOutage);
    await behind.proxy.setMode("pass");
    behind.proxy.cutAll();
    await (await behind.direct.lock("invoice-42").acquire({ wait: "5s" })).release();
  });

  const kinds: readonly [string, (core: RedisCore) => Lock][] = [
    ["a lock", (core) => core.lock("late")],
    ["a fair lock", (core) => core.lock("late", { fair: true })],
    ["several locks", (core) => core.lock(["late", "later"])],
    ["a semaphore", (core) => core.semaphore("late", { permits: 1 })],
    ["a reader", (core) => core.rwLock("late").read],
    ["a writer", (core) => core.rwLock("late").write],
  ];
  it.each(kinds)("of an attempt that arrives after it was given up takes nothing: %s", async (_, open) => {
    await using test = await createTestCore(redis.url);
    const faulty = faultyPort(test.redis.port);
    await using core = createRedisCore({ redis: faulty.port, prefix: test.prefix });
    const lock = open(core);
    const attempts: (() => Promise<unknown>)[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const stuck = faulty.holdNext(/acquire$/);
      const givenUp = faulty.ran(/give-up$|permit-release$/);
      await expect(lock.tryAcquire()).rejects.toSatisfy(isOutage);
      await givenUp;
      attempts.push(() => stuck.arrive());
    }
    const between = await mustHold(lock.tryAcquire());
    await between.release();
    for (const arrive of attempts) {
      await arrive();
    }
    expect((await lock.inspect()).isHeld).toBe(false);
    await (await mustHold(lock.tryAcquire())).release();
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it.each(kinds)("is no reason to grant again what was released in between: %s", async (_, open) => {
    await using test = await createTestCore(redis.url);
    const faulty = faultyPort(test.redis.port);
    await using core = createRedisCore({ redis: faulty.port, prefix: test.prefix });
    const lock = open(core);
    const copy = faulty.copyNext(/acquire$/);
    const held = await mustHold(lock.tryAcquire());
    expect(await held.release()).toBe(true);
    await copy.arrive();
    expect((await lock.inspect()).isHeld).toBe(false);
    expect((await lock.inspect()).lastToken).toBe(held.token);
  });
});

describe.concurrent("waiters", () => {
  it("leave nothing behind: no place, no subscription, no key but the lock's", async () => {
    await using test = await createTestCore(redis.url);
    const names = Array.from({ length: 20 }, (_, index) => `crowd-${index}`);
    await Promise.all(
      names.map(async (name, index) => {
        const lock = test.core.lock(name, { fair: index % 2 === 0, wait: "10s" });
        const held = await mustHold(lock.tryAcquire());
        const leaving = new AbortController();
        const waits = [lock.acquire(), lock.acquire({ wait: 60 }), lock.acquire({ signal: leaving.signal })];
        const outcomes = Promise.allSettled(waits.map(async (waiting) => await (await waiting).release()));
        await eventually(async () => expect((await lock.inspect()).isWaitedFor).toBe(true));
        leaving.abort();
        await pause(80);
        await held.release();
        const [served, timedOut, left] = (await outcomes).map(({ status }) => status);
        expect([served, timedOut, left]).toEqual(["fulfilled", "rejected", "rejected"]);
      }),
    );
    await eventually(async () => {
      const keys = await test.listKeys();
      expect(keys.filter((key) => !key.includes(":lock:state:"))).toEqual([]);
      expect(await test.redis.port.command("PUBSUB CHANNELS", [], [`${test.prefix}:*`])).toEqual([]);
    });
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it("and holders do not notice that the server forgets its scripts (F17)", async () => {
    await using test = await createTestCore(redis.url);
    let isOver = false;
    const flushing = (async () => {
      while (!isOver) {
        await test.redis.port.command("SCRIPT FLUSH", [], []);
      }
    })();
    const held: HeldLock[] = [];
    const work = async (lane: number) => {
      for (let turn = 0; turn < 15; turn += 1) {
        const lock = test.core.lock(`flushed-${turn % 2}`, { fair: lane % 2 === 0, wait: "20s" });
        const mine = await lock.acquire();
        await mine.extend();
        held.push(mine);
        expect(await mine.release()).toBe(true);
      }
    };
    await Promise.all([0, 1, 2, 3].map(work)).finally(() => {
      isOver = true;
    });
    await flushing;
    expect(held).toHaveLength(60);
  });
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
