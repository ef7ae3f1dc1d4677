import { startRedis } from "@cardinal/dev";
import { slidingWindow } from "@cardinal/redis-core/rate-limit";
import type { MemoryCase } from "../contender.ts";
import { openClient, openCore } from "./open-core.ts";

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
function memoryCase(name: string, count: number, plain: (index: number) => string, ours: Fill): MemoryCase {
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
    isOnDemand: true,
    async measure() {
      const [figure, floorFigure] = [await bytesEach(name, count, ours), await bytesEach(name, count, floor)];
      const none = { peer: null, peerName: null, ratio: null };
      const floorRatio = floorFigure / figure;
      return [{ case: name, ours: figure, floor: floorFigure, floorRatio, ...none, unit: "bytes" }];
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

/** A million entries with three of a thousand tags each. */
export const memoryCache = memoryCase(
  "memory cache",
  1_000_000,
  (id) => JSON.stringify({ ...user, id }),
  async (redisUrl) => {
    const { core, close } = await openCore(redisUrl);
    const cache = core.cache<typeof user>("users", { ttl: "1d", l1: false });
    const tagsOf = (id: number) => [`org:${id % 500}`, `team:${id % 400}`, `plan:${id % 100}`];
    return { add: (id) => cache.set(`user-${id}`, { ...user, id }, { tags: tagsOf(id) }), close };
  },
);

/** A hundred thousand members with one session each. */
export const memorySessions = memoryCase(
  "memory sessions",
  100_000,
  (id) => JSON.stringify({ ...session, userId: `member-${id}` }),
  async (redisUrl) => {
    const { core, close } = await openCore(redisUrl);
    const sessions = core.sessions<typeof session>({ idle: "7d", absolute: "30d" });
    const device = { userAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", address: "203.0.113.9" };
    return { add: (id) => sessions.create({ userId: `member-${id}`, data: session, device }), close };
  },
);

/** A million identities under one sliding window, each counted once. */
export const memoryLimits = memoryCase(
  "memory limits",
  1_000_000,
  () => "1",
  async (redisUrl) => {
    const { core, close } = await openCore(redisUrl);
    const limiter = core.limiter("api", { user: slidingWindow(100, "1h") });
    return { add: (id) => limiter.limit({ user: `member-${id}` }), close };
  },
);
