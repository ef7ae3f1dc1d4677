import { once } from "node:events";
import { createRedisCore, type RedisCore } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import { Redis } from "ioredis";
import { createClient } from "redis";

/** Ours, ready to use, and what closes it. */
export async function openCore(redisUrl: string): Promise<{ core: RedisCore; close(): Promise<void> }> {
  const redis = connectRedis({ target: redisUrl, deadlineMs: 10_000 });
  await redis.ready();
  const core = createRedisCore({ redis: redis.port, prefix: `bench-${process.pid}` });
  const close = async () => {
    await core.close();
    await redis.close();
  };
  return { core, close };
}

/** A client with the settings ours uses, for a peer or a raw command. */
export async function openClient(redisUrl: string): Promise<Redis> {
  const client = new Redis(redisUrl, {
    autoResendUnfulfilledCommands: false,
    enableAutoPipelining: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    socketTimeout: 2_000,
  });
  await once(client, "ready");
  return client;
}

/** The same for a peer that takes node-redis only. */
export async function openNodeRedis(redisUrl: string) {
  const client = createClient({
    url: redisUrl,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { socketTimeout: 2_000 },
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}
