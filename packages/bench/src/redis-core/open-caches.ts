import KeyvRedis from "@keyv/redis";
import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { redisDriver } from "bentocache/drivers/redis";
import { Cacheable, Keyv } from "cacheable";
import { openClient } from "./open-core.ts";

/** What every cache under measurement can do. */
export interface CacheUnderTest {
  get(key: string): Promise<unknown>;
  getOrSet(key: string, load: () => Promise<unknown>): Promise<unknown>;
  set(key: string, value: unknown, tags: readonly string[]): Promise<unknown>;
  close(): Promise<void> | void;
}

const ttlMs = 3_600_000;

/** bentocache over a client with ours' settings. */
export async function openBentocache(redisUrl: string, { l1 }: { l1: boolean }): Promise<CacheUnderTest> {
  const client = await openClient(redisUrl);
  const l2 = redisDriver({ connection: client, prefix: "bento" });
  const store = bentostore();
  const layers = l1 ? store.useL1Layer(memoryDriver({ maxItems: 10_000 })).useL2Layer(l2) : store.useL2Layer(l2);
  const bento = new BentoCache({ default: "redis", stores: { redis: layers } });
  return {
    get: (key) => bento.get({ key }),
    getOrSet: (key, load) => bento.getOrSet({ key, factory: load, ttl: ttlMs }),
    set: (key, value, tags) => bento.set({ key, value, ttl: ttlMs, tags: [...tags] }),
    close: () => client.disconnect(),
  };
}

/** cacheable over Keyv and node-redis, with ours' settings as far as it hands them on. Without L1, Redis is its only store. */
export async function openCacheable(
  redisUrl: string,
  { l1, tags = false }: { l1: boolean; tags?: boolean },
): Promise<CacheUnderTest> {
  const adapter = new KeyvRedis({
    url: redisUrl,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { socketTimeout: 2_000 },
  });
  await adapter.client.connect();
  const redis = new Keyv({ store: adapter, namespace: "cacheable" });
  const cache = new Cacheable({ ttl: ttlMs, tags, ...(l1 ? { secondary: redis } : { primary: redis }) });
  return {
    get: (key) => cache.get(key),
    getOrSet: (key, load) => cache.getOrSet(key, load, { ttl: ttlMs }),
    set: (key, value, withTags) => cache.set(key, value, withTags.length > 0 ? { tags: [...withTags] } : undefined),
    close: () => cache.disconnect(),
  };
}
