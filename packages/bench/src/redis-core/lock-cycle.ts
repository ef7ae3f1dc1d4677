import { Mutex } from "redis-semaphore";
import type { ThroughputCase } from "../contender.ts";
import { openClient, openCore } from "./open-core.ts";
import { openRedlock } from "./open-redlock.ts";

const releaseScript =
  "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

/** Taking and releasing a free lock; ours with a fencing token, which the others do not give. */
export const lockCycle: ThroughputCase = {
  name: "lock cycle",
  unit: "ops/s",
  async setUp(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const redlockClient = await openClient(redisUrl);
    const redlock = await openRedlock(redlockClient, 0);
    const semaphoreClient = await openClient(redisUrl);
    const floorClient = await openClient(redisUrl);
    const releaseSha = String(await floorClient.script("LOAD", releaseScript));
    const name = (index: number) => `invoice-${index % 10_000}`;
    return [
      {
        name: "ours",
        operate: async (index) => {
          const held = await core.lock(name(index), { lease: "10s" }).tryAcquire();
          await held?.release();
        },
        close,
      },
      {
        name: "redlock",
        operate: async (index) => {
          const held = await redlock.acquire([`redlock:${name(index)}`], 10_000);
          await held.release();
        },
        close: () => redlockClient.disconnect(),
      },
      {
        name: "redis-semaphore",
        operate: async (index) => {
          const mutex = new Mutex(semaphoreClient, name(index), { lockTimeout: 10_000 });
          await mutex.tryAcquire();
          await mutex.release();
        },
        close: () => semaphoreClient.disconnect(),
      },
      {
        name: "floor",
        operate: async (index) => {
          const key = `floor-lock:${name(index)}`;
          await floorClient.set(key, "token", "PX", 10_000, "NX");
          await floorClient.evalsha(releaseSha, 1, key, "token");
        },
        close: () => floorClient.disconnect(),
      },
    ];
  },
};
