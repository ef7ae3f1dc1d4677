import { startRedis, startSentinel } from "@cardinal/dev";
import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, it } from "vitest";
import { manualClock } from "../src/clock.ts";
import type { EpochStore } from "../src/context.ts";
import { OutcomeUnknown } from "../src/errors.ts";
import { eventually } from "./support/eventually.ts";
import { mustHold } from "./support/must-hold.ts";

/** What a store next to the data remembers, kept over cores and servers. */
function rememberTokens(): EpochStore {
  const highest = new Map<string, bigint>();
  return {
    read: (lock) => Promise.resolve(highest.get(lock) ?? 0n),
    raise: (lock, token) => {
      highest.set(lock, token > (highest.get(lock) ?? 0n) ? token : (highest.get(lock) ?? 0n));
      return Promise.resolve();
    },
  };
}

describe.concurrent("fencing tokens", () => {
  it("rise across a Redis that comes back empty", async () => {
    const first = await startRedis();
    const before = await createTestCore(first.url, { prefix: "restart" });
    const tokens = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const held = await mustHold(before.core.lock("invoice-42").tryAcquire());
      tokens.push(held.token);
      await held.release();
    }
    const lost = await mustHold(before.core.lock("invoice-42").tryAcquire());
    await first.stop();
    await before.redis.close();
    await using second = await startRedis({ port: first.port });
    await using after = await createTestCore(second.url, { prefix: "restart" });
    const held = await mustHold(after.core.lock("invoice-42").tryAcquire());
    expect(held.token > lost.token && tokens.every((token) => token < lost.token)).toBe(true);
  });

  it("rise across an empty Redis whose clock went back, with an epoch store, for every kind of lock", async () => {
    const epochStore = rememberTokens();
    const clock = manualClock();
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url, { clock, epochStore });
    const locks = [
      test.core.lock("a"),
      test.core.lock("b", { fair: true }),
      test.core.lock(["a", "b", "c"]),
      test.core.semaphore("a", { permits: 2 }),
      test.core.rwLock("a").write,
      test.core.rwLock("a").read,
    ];
    const last = locks.map(() => 0n);
    let ofSeveral = 0n;
    for (let turn = 0; turn < 4; turn += 1) {
      for (const [index, lock] of locks.entries()) {
        const held = await mustHold(lock.tryAcquire());
        expect(held.token > (last[index] ?? 0n)).toBe(true);
        last[index] = held.token;
        // The lock of a, b and c is ahead of each of them, and they of it.
        expect(index > 2 || held.token > ofSeveral).toBe(true);
        ofSeveral = index === 2 ? held.token : ofSeveral;
        await held.release();
      }
      await test.redis.port.command("FLUSHALL", [], []);
      clock.advance(-3_600_000);
    }
  });

  it("and grants with a replica survive a failover; one that no replica has is given back", async () => {
    await using sentinel = await startSentinel({ replicas: 1, downAfterMs: 1_500 });
    const nodes = sentinel.sentinels.map(({ host, port }) => `${host}:${port}`).join(",");
    await using test = await createTestCore(`redis+sentinel://${nodes}/${sentinel.name}`);
    const lasting = test.core.lock("invoice-42", { replicas: 1, lease: "1m" });
    const before = await mustHold(lasting.tryAcquire());
    await before.extend();

    const replica = sentinel.nodes.find(({ port }) => port !== sentinel.nodes[0]?.port);
    process.kill(replica!.pid, "SIGSTOP");
    const unlasting = test.core.lock("invoice-43", { replicas: 1, lease: "1m" });
    await expect(unlasting.tryAcquire()).rejects.toThrow(OutcomeUnknown);
    process.kill(replica!.pid, "SIGCONT");
    await eventually(async () => expect((await unlasting.inspect()).isHeld).toBe(false));

    await sentinel.failover();
    await eventually(async () => {
      expect(await lasting.inspect()).toMatchObject({ isHeld: true, lastToken: before.token });
    });
    expect(await test.core.lock("invoice-42").tryAcquire()).toBeNull();
    expect(await before.release()).toBe(true);
    const after = await mustHold(test.core.lock("invoice-42").tryAcquire());
    expect(after.token > before.token).toBe(true);
  });
});
