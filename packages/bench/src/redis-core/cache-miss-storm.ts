import { setTimeout as delay } from "node:timers/promises";
import type { LatencyCase, TimedContender } from "../contender.ts";
import { openBentocache, openCacheable } from "./open-caches.ts";
import { openCore } from "./open-core.ts";

const processes = 4;
const callersEach = 16;
const queryMs = 5;

type GetOrSet = (key: string, load: () => Promise<unknown>) => Promise<unknown>;

/**
 * 64 callers want one cold key, 16 in each of four instances with connections of their own, as in four processes.
 * The source answers one query at a time, in 5 ms: who asks it twice waits twice. The time until all have the value.
 */
export const cacheMissStorm: LatencyCase = {
  name: "cache miss storm",
  unit: "ms",
  async setUp(redisUrl) {
    const ours = await openAll(async () => {
      const { core, close } = await openCore(redisUrl);
      const cache = core.cache<unknown>("storm", { ttl: "1h" });
      return { getOrSet: (key: string, load: () => Promise<unknown>) => cache.getOrSet(key, load), close };
    });
    const bentocache = await openAll(() => openBentocache(redisUrl, { l1: true }));
    const cacheable = await openAll(() => openCacheable(redisUrl, { l1: true }));
    return [storm("ours", ours), storm("bentocache", bentocache), storm("cacheable", cacheable)];
  },
};

interface Instance {
  readonly getOrSet: GetOrSet;
  close(): Promise<void> | void;
}

function openAll(open: () => Promise<Instance>): Promise<Instance[]> {
  return Promise.all(Array.from({ length: processes }, open));
}

function storm(name: string, instances: readonly Instance[]): TimedContender {
  let storms = 0;
  let loads = 0;
  let source = Promise.resolve();
  const load = async () => {
    loads += 1;
    source = source.then(() => delay(queryMs));
    await source;
    return { id: 42 };
  };
  return {
    name,
    time: async (index) => {
      storms += 1;
      const startedAt = performance.now();
      const callers = instances.flatMap(({ getOrSet }) =>
        Array.from({ length: callersEach }, () => getOrSet(`storm-${index}`, load)),
      );
      await Promise.all(callers);
      return performance.now() - startedAt;
    },
    close: async () => {
      console.error(`cache miss storm: ${name} asked the source ${(loads / storms).toFixed(2)} times a storm`);
      await Promise.all(instances.map((instance) => instance.close()));
    },
  };
}
