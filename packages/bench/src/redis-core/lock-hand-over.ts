import { setTimeout as pause } from "node:timers/promises";
import { Mutex } from "redis-semaphore";
import type { LatencyCase } from "../contender.ts";
import { openClient, openCore } from "./open-core.ts";
import { openRedlock } from "./open-redlock.ts";

interface Held {
  release(): Promise<unknown>;
}

/** Takes a lock on the first of two connections, or waits for it on the second. */
interface TwoSides {
  hold(name: string): Promise<Held>;
  wait(name: string): Promise<Held>;
}

/** Held for 20 to 320 ms, evenly, so that a release falls anywhere between two looks of a waiter that polls. */
const holdMs = (index: number) => 20 + ((index * 37) % 301);

/** From the call of `release` until the other side, which waits, has the lock. */
async function timeHandOver(sides: TwoSides, index: number): Promise<number> {
  const name = `hand-over-${index}`;
  const held = await sides.hold(name);
  const waiting = sides.wait(name).then((next) => ({ next, at: performance.now() }));
  await pause(holdMs(index));
  const releasedAt = performance.now();
  const [{ next, at }] = await Promise.all([waiting, held.release()]);
  await next.release();
  return at - releasedAt;
}

/** How long a busy lock takes from hand to hand. */
export const lockHandOver: LatencyCase = {
  name: "lock hand-over",
  unit: "ms",
  inFlight: 16,
  async setUp(redisUrl) {
    const [here, there] = [await openCore(redisUrl), await openCore(redisUrl)];
    const [redlockHere, redlockThere] = [await openClient(redisUrl), await openClient(redisUrl)];
    const [semaphoreHere, semaphoreThere] = [await openClient(redisUrl), await openClient(redisUrl)];
    const redlock = {
      hold: await openRedlock(redlockHere, 0),
      wait: await openRedlock(redlockThere, 1_000),
    };
    const take = async (mutex: Mutex): Promise<Held> => {
      await mutex.acquire();
      return mutex;
    };
    const ours: TwoSides = {
      hold: (name) => here.core.lock(name).acquire(),
      wait: (name) => there.core.lock(name).acquire(),
    };
    const redlockSides: TwoSides = {
      hold: (name) => redlock.hold.acquire([name], 30_000),
      wait: (name) => redlock.wait.acquire([name], 30_000),
    };
    const semaphoreSides: TwoSides = {
      hold: (name) => take(new Mutex(semaphoreHere, name)),
      wait: (name) => take(new Mutex(semaphoreThere, name)),
    };
    return [
      {
        name: "ours",
        time: (index) => timeHandOver(ours, index),
        close: async () => {
          await Promise.all([here.close(), there.close()]);
        },
      },
      {
        name: "redlock",
        time: (index) => timeHandOver(redlockSides, index),
        close: () => [redlockHere, redlockThere].forEach((client) => client.disconnect()),
      },
      {
        name: "redis-semaphore",
        time: (index) => timeHandOver(semaphoreSides, index),
        close: () => [semaphoreHere, semaphoreThere].forEach((client) => client.disconnect()),
      },
    ];
  },
};
