import { BentoCache, bentostore } from "bentocache";
import { redisDriver } from "bentocache/drivers/redis";
import type { ThroughputCase } from "../contender.ts";
import { openClient, openCore } from "./open-core.ts";

const keys = 1_000;
const sample = { id: 42, name: "Ada Lovelace", tags: ["admin", "early"], joinedAt: "2026-01-05T00:00:00Z" };

/** A hit in Redis, without a local tier, beside GET and JSON.parse. */
export const cacheHit: ThroughputCase = {
  name: "cache L2 hit",
  unit: "ops/s",
  async setUp(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const cache = core.cache<typeof sample>("bench", { ttl: "1h", l1: false });
    const peerClient = await openClient(redisUrl);
    const bento = new BentoCache({
      default: "redis",
      stores: {
        redis: bentostore().useL2Layer(redisDriver({ connection: peerClient, prefix: "bento" })),
      },
    });
    const floorClient = await openClient(redisUrl);
    const key = (index: number) => `user-${index % keys}`;
    for (let index = 0; index < keys; index += 1) {
      await cache.set(key(index), sample);
      await bento.set({ key: key(index), value: sample, ttl: "1h" });
      await floorClient.set(`floor:${key(index)}`, JSON.stringify(sample));
    }
    return [
      { name: "ours", operate: (index) => cache.get(key(index)), close },
      {
        name: "bentocache",
        operate: (index) => bento.get({ key: key(index) }),
        close: () => peerClient.disconnect(),
      },
      {
        name: "floor",
        operate: async (index) => JSON.parse((await floorClient.get(`floor:${key(index)}`)) ?? "null"),
        close: () => floorClient.disconnect(),
      },
    ];
  },
};
