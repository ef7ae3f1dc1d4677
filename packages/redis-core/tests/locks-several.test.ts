import { type RunningCluster, startCluster, startRedis } from "@cardinal/dev";
import { type RedisCore, createRedisCore } from "@cardinal/redis-core";
import { ioredisPort } from "@cardinal/redis-core/ioredis";
import { createTestCore } from "@cardinal/redis-core/testing";
import { Cluster } from "ioredis";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Misuse } from "../src/errors.ts";
import { LockTimeout } from "../src/locks/index.ts";
import { randomHex } from "../src/random.ts";
import { countCommands } from "./support/count-commands.ts";
import { eventually } from "./support/eventually.ts";
import { mustHold } from "./support/must-hold.ts";

/** What a lock of several names promises, wherever its keys lie. */
function itTakesAllOrNone(get: () => { readonly here: RedisCore; readonly there: RedisCore }): void {
  const newNames = (...names: string[]) => names.map((name) => `${name}-${randomHex(4)}`);

  it("is held by one, and excludes the holders of each name", async () => {
    const { here, there } = get();
    const [a = "", b = "", c = ""] = newNames("a", "b", "c");
    const held = await mustHold(here.lock([b, a, b]).tryAcquire());
    expect(await there.lock([a, b]).tryAcquire()).toBeNull();
    expect(await there.lock(a).tryAcquire()).toBeNull();
    expect(await there.lock([b, c]).tryAcquire()).toBeNull();
    const other = await eventuallyHeld(there, c);
    expect(await held.release()).toBe(true);
    expect(await held.release()).toBe(true);
    expect(await there.lock([a, b, c]).tryAcquire()).toBeNull();
    const single = await eventuallyHeld(there, a);
    expect(single.token > held.token).toBe(true);
    await Promise.all([single.release(), other.release()]);
  });

  it("leaves no name taken when another is busy", async () => {
    const { here, there } = get();
    const names = newNames("a", "b", "c", "d");
    for (const busy of names) {
      const holder = await mustHold(here.lock(busy).tryAcquire());
      expect(await there.lock(names).tryAcquire()).toBeNull();
      for (const free of names.filter((name) => name !== busy)) {
        await (await eventuallyHeld(here, free)).release();
      }
      await holder.release();
    }
  });

  it("has one token, above all tokens of each name before, below all after", async () => {
    const { here } = get();
    const names = newNames("a", "b", "c");
    const before = [];
    for (const name of names) {
      const held = await mustHold(here.lock(name).tryAcquire());
      before.push(held.token);
      await held.release();
    }
    const all = await mustHold(here.lock(names).tryAcquire());
    expect(before.every((token) => token < all.token)).toBe(true);
    expect((await here.lock(names).inspect()).lastToken).toBe(all.token);
    for (const name of names) {
      expect((await here.lock(name).inspect()).lastToken).toBe(all.token);
    }
    await all.release();
    for (const name of names) {
      const held = await mustHold(here.lock(name).tryAcquire());
      expect(held.token > all.token).toBe(true);
      await held.release();
    }
  });

  it("waits for the last of its names, woken by the releases", async () => {
    const { here, there } = get();
    const names = newNames("a", "b");
    const holders = await Promise.all(names.map((name) => mustHold(here.lock(name).tryAcquire())));
    await expect(there.lock(names).acquire({ wait: 40 })).rejects.toThrow(LockTimeout);
    const waiting = there.lock(names).acquire({ wait: "20s" });
    for (const holder of holders) {
      await eventually(async () => {
        expect((await here.lock(names).inspect()).isWaitedFor).toBe(true);
      });
      await holder.release();
    }
    await (await waiting).release();
  });

  it("goes on from its record, is extended and freed by force as one", async () => {
    const { here, there } = get();
    const names = newNames("a", "b", "c");
    const held = await mustHold(here.lock(names).tryAcquire());
    const restored = await mustHold(there.lock(names).restore(held.toJSON()));
    expect(restored.token).toBe(held.token);
    await restored.extend("1m");
    const { holders } = await here.lock(names).inspect();
    expect(holders).toHaveLength(3);
    expect(holders.every(({ leaseEndsInMs }) => leaseEndsInMs > 50_000)).toBe(true);
    expect(await there.lock(names).forceRelease()).toBe(3);
    expect(await held.release()).toBe(false);
    await expect(restored.extend()).rejects.toMatchObject({ code: "LOCK_LOST" });
  });

  it("leaves no name taken by attempts that are given up on the way", async () => {
    const { here, there } = get();
    const names = newNames("a", "b", "c", "d");
    for (let turn = 0; turn < 20; turn += 1) {
      const leaving = new AbortController();
      const attempt = here.lock(names, { lease: "1m" }).tryAcquire({ signal: leaving.signal });
      for (let tick = 0; tick < turn; tick += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      leaving.abort(new Error("left"));
      await attempt.then((held) => held?.release()).catch(() => {});
    }
    const held = await there.lock(names).acquire({ wait: "10s" });
    expect(await held.release()).toBe(true);
  });

  it("never deadlocks callers that name the same in other orders, and gives everybody a turn", async () => {
    const { here, there } = get();
    const names = newNames("a", "b", "c");
    const [a = "", b = "", c = ""] = names;
    const inside = new Map(names.map((name) => [name, 0]));
    const enter = (by: number, taken: readonly string[]) => {
      for (const name of taken) {
        const now = (inside.get(name) ?? 0) + by;
        inside.set(name, now);
        expect(now).toBeLessThanOrEqual(1);
      }
    };
    const wishes = [[a, b], [b, a], [b, c], [c, a], [c, b, a], [a]];
    await Promise.all(
      wishes.flatMap((wish) =>
        [here, there].map(async (core) => {
          for (let turn = 0; turn < 5; turn += 1) {
            await core.lock(wish, { wait: "20s" }).run(async () => {
              enter(1, wish);
              await new Promise((resolve) => setImmediate(resolve));
              enter(-1, wish);
            });
          }
        }),
      ),
    );
  });
}

/** On a Cluster a name may be taken for a moment by somebody who finds another busy. */
async function eventuallyHeld(core: RedisCore, name: string) {
  return await core.lock(name).acquire({ wait: "10s" });
}

describe("a lock of several names on one node", () => {
  const cores: AsyncDisposableStack = new AsyncDisposableStack();
  let subject: { here: RedisCore; there: RedisCore } | undefined;

  beforeAll(async () => {
    const here = cores.use(await createTestCore(inject("redisUrl")));
    const there = cores.use(await createTestCore(inject("redisUrl"), { prefix: here.prefix }));
    subject = { here: here.core, there: there.core };
  });
  afterAll(() => cores.disposeAsync());
  itTakesAllOrNone(() => subject!);

  it("is one round trip to take, one to renew, one to release", async () => {
    await using redis = await startRedis();
    await using test = await createTestCore(redis.url);
    const lock = test.core.lock(["a", "b", "c"]);
    const cycle = async () => {
      const held = await mustHold(lock.tryAcquire());
      await held.extend();
      await held.release();
    };
    await cycle();
    expect(await countCommands(test.redis.port, cycle)).toMatchObject({ evalsha: 3 });
    expect(await test.listPermanentKeys()).toEqual([]);
  });

  it.each([[[]], [[""]], [Array.from({ length: 65 }, (_, index) => `n${index}`)]])("refuses %j", async (names) => {
    await using test = await createTestCore(inject("redisUrl"));
    expect(() => test.core.lock(names)).toThrow(Misuse);
  });

  it("cannot be fair", async () => {
    await using test = await createTestCore(inject("redisUrl"));
    expect(() => test.core.lock(["a", "b"], { fair: true })).toThrow(Misuse);
  });
});

describe("a lock of several names on a Cluster", () => {
  const stack = new AsyncDisposableStack();
  let cluster: RunningCluster;
  let subject: { here: RedisCore; there: RedisCore } | undefined;

  beforeAll(async () => {
    cluster = stack.use(await startCluster({ masters: 3 }));
    const open = async () => {
      const client = new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port })), {
        enableOfflineQueue: false,
        redisOptions: { protocol: 2, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 },
      });
      await new Promise<void>((resolve) => {
        client.once("ready", () => resolve());
      });
      stack.defer(() => client.disconnect());
      const port = ioredisPort(client, { deadlineMs: 5_000, checkSlots: true });
      stack.defer(() => port.close());
      return stack.use(createRedisCore({ redis: port, prefix: "several" }));
    };
    subject = { here: await open(), there: await open() };
  }, 60_000);
  afterAll(() => stack.disposeAsync());
  itTakesAllOrNone(() => subject!);
});
