import { createRedisCore, type RedisCore } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";

/** Next evaluates modules again at every change in development; the connection stays with the process. */
const kept = globalThis as typeof globalThis & { redisCore?: Promise<RedisCore> };

/**
 * For route handlers, pages and actions, which run on Node: over a socket, opened at the first use (never by
 * `next build`). Waits for Redis at most 2 s; without it, each primitive does what it declares.
 */
export function getRedisCore(): Promise<RedisCore> {
  kept.redisCore ??= connect();
  return kept.redisCore;
}

async function connect(): Promise<RedisCore> {
  const redis = connectRedis({ target: process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379", name: "next" });
  await redis.ready(AbortSignal.timeout(2_000)).catch(() => {});
  return createRedisCore({ redis: redis.port, prefix: "next-app" });
}
