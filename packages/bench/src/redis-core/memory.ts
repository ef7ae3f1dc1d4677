import { randomBytes } from "node:crypto";
import { startRedis } from "@cardinal/dev";
import { slidingWindow } from "@cardinal/redis-core/rate-limit";
import { BentoCache, bentostore } from "bentocache";
import { redisDriver } from "bentocache/drivers/redis";
import { RedisStore } from "connect-redis";
import { RateLimiterRedis } from "rate-limiter-flexible";
import type { OwnCase } from "../contender.ts";
import { openClient, openCore, openNodeRedis } from "./open-core.ts";

const inOneGo = 512;
const atMostMs = 180_000;
const user = { id: 42, name: "Ada Lovelace", joinedAt: "2026-01-05T00:00:00Z", roles: ["admin", "early"] };
const session = { role: "member", theme: "dark", cart: ["a-17", "b-4"] };

type Fill = (redisUrl: string) => Promise<{ add(index: number): Promise<unknown>; close(): Promise<void> | void }>;

/**
 * Fills an empty server with many of one thing and reads how much its memory grew: bytes a key, with all that belongs
 * to it (the tags' versions, the server's own tables). The floor is as many plain keys with the same value as JSON and
 * a TTL.
 */
function memoryCase(
  name: string,
  count: number,
  plain: (index: number) => string,
  { ours, peerName, peer }: { readonly ours: Fill; readonly peerName: string; readonly peer: Fill },
): OwnCase {
  const floor: Fill = async (redisUrl) => {
    const client = await openClient(redisUrl);
    return {
      add: (index) => client.set(`floor:${name}:${index}`, plain(index), "PX", 86_400_000),
      close: () => client.disconnect(),
    };
  };
  return {
    name,
    unit: "bytes",
    askedForBy: "memory",
    async measure() {
      const bytes = await bytesEach(name, count, ours);
      const peerBytes = await bytesEach(name, count, peer);
      const floorBytes = await bytesEach(name, count, floor);
      const beside = { peer: peerBytes, peerName, ratio: peerBytes / bytes };
      const above = { floor: floorBytes, floorRatio: floorBytes / bytes };
      return [{ case: name, ours: bytes, ...beside, ...above, unit: "bytes" }];
    },
  };
}

/** On a server of its own: emptying one of a million keys takes longer than starting another. */
async function bytesEach(name: string, count: number, fill: Fill): Promise<number> {
  await using server = await startRedis();
  const client = await openClient(server.url);
  const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1]);
  const { add, close } = await fill(server.url);
  const before = await usedMemory();
  const endsAt = performance.now() + atMostMs;
  let added = 0;
  while (added < count && performance.now() < endsAt) {
    const batch = Array.from({ length: Math.min(inOneGo, count - added) }, (_, index) => add(added + index));
    await Promise.all(batch);
    added += batch.length;
  }
  const bytes = ((await usedMemory()) - before) / added;
  console.error(`${name}: ${added.toLocaleString("en")} keys`);
  await close();
  client.disconnect();
  return bytes;
}

const tagsOf = (id: number) => [`org:${id % 500}`, `team:${id % 400}`, `plan:${id % 100}`];

/** A million entries with three of a thousand tags each. */
export const memoryCache = memoryCase("memory cache", 1_000_000, (id) => JSON.stringify({ ...user, id }), {
  async ours(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const cache = core.cache<typeof user>("users", { ttl: "1d", l1: false });
    return { add: (id) => cache.set(`user-${id}`, { ...user, id }, { tags: tagsOf(id) }), close };
  },
  peerName: "bentocache",
  async peer(redisUrl) {
    const client = await openClient(redisUrl);
    const layer = bentostore().useL2Layer(redisDriver({ connection: client, prefix: "bento" }));
    const bento = new BentoCache({ default: "redis", stores: { redis: layer } });
    const add = (id: number) =>
      bento.set({ key: `user-${id}`, value: { ...user, id }, ttl: "1d", tags: tagsOf(id) });
    return { add, close: () => client.disconnect() };
  },
});

const agent = { userAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", address: "203.0.113.9" };

/** A hundred thousand members with one session each; the peer's has the same data and device, and express' cookie. */
export const memorySessions = memoryCase(
  "memory sessions",
  100_000,
  (id) => JSON.stringify({ ...session, ...agent, userId: `member-${id}` }),
  {
    async ours(redisUrl) {
      const { core, close } = await openCore(redisUrl);
      const sessions = core.sessions<typeof session>({ idle: "7d", absolute: "30d" });
      return { add: (id) => sessions.create({ userId: `member-${id}`, data: session, device: agent }), close };
    },
    peerName: "connect-redis",
    async peer(redisUrl) {
      const client = await openNodeRedis(redisUrl);
      const store = new RedisStore({ client });
      const maxAge = 604_800_000;
      const expires = new Date(Date.now() + maxAge);
      const cookie = { originalMaxAge: maxAge, expires, httpOnly: true, path: "/" };
      const add = (id: number) =>
        store.set(randomBytes(24).toString("base64url"), { cookie, ...session, ...agent, userId: `member-${id}` });
      return { add, close: () => client.destroy() };
    },
  },
);

/** A million identities under one window, each counted once. */
export const memoryLimits = memoryCase("memory limits", 1_000_000, () => "1", {
  async ours(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const limiter = core.limiter("api", { user: slidingWindow(100, "1h") });
    return { add: (id) => limiter.limit({ user: `member-${id}` }), close };
  },
  peerName: "rate-limiter-flexible",
  async peer(redisUrl) {
    const client = await openClient(redisUrl);
    const limiter = new RateLimiterRedis({ storeClient: client, keyPrefix: "api", points: 100, duration: 3_600 });
    return { add: (id) => limiter.consume(`member-${id}`), close: () => client.disconnect() };
  },
});
