import type { RedisPort } from "@cardinal/redis-core";

/**
 * The eviction policy of the Redis that holds the queues, or null where the server does not tell. Anything but
 * `noeviction` loses jobs under memory pressure, silently.
 */
export async function readEvictionPolicy(redis: RedisPort): Promise<string | null> {
  try {
    const reply = await redis.command("CONFIG GET", [], ["maxmemory-policy"]);
    const policy = Array.isArray(reply) ? reply[1] : null;
    if (typeof policy === "string") return policy;
  } catch {
    // Managed Redis often refuses CONFIG; INFO tells as well.
  }
  try {
    const info = await redis.command("INFO", [], ["memory"]);
    return /maxmemory_policy:(\S+)/.exec(String(info))?.[1] ?? null;
  } catch {
    return null;
  }
}
