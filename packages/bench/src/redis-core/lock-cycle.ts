import type { Redis } from "ioredis";
import type { BenchmarkCase } from "../contender.ts";
import { openClient, openCore } from "./open-core.ts";

interface Redlock {
  acquire(resources: string[], durationMs: number): Promise<{ release(): Promise<unknown> }>;
}
type RedlockConstructor = new (clients: Redis[], settings: { retryCount: number }) => Redlock;

const releaseScript =
  "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

/** Taking and releasing a free lock; ours with a fencing token, which the others do not give. */
export const lockCycle: BenchmarkCase = {
  name: "lock cycle",
  unit: "ops/s",
  async setUp(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const peerClient = await openClient(redisUrl);
    // Its `exports` hide its own declarations, so the little that is used is declared here.
    const specifier = "redlock";
    const { default: Redlock } = (await import(specifier)) as { default: RedlockConstructor };
    const redlock = new Redlock([peerClient], { retryCount: 0 });
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
        close: () => peerClient.disconnect(),
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
