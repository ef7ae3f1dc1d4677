import type { CoreContext } from "../context.ts";
import type { Cache, CacheOptions } from "./cache.ts";
import { createCacheParts } from "./cache-parts.ts";
import { toCacheSettings } from "./cache-settings.ts";
import { RedisCache } from "./redis-cache.ts";

/**
 * A namespace of the cache; what it promises stands on `Cache`. Create each namespace once per process.
 *
 * @throws {Misuse} for options out of range.
 * @example
 * const posts = core.cache<Post>("post", { ttl: "1h", grace: "1d", negativeTtl: "1m" });
 * const post = await posts.getOrSet(slug, () => db.findPost(slug), { tags: [`author:${authorId}`] });
 * await posts.invalidateTags([`author:${authorId}`]);
 */
export function createCache<T>(context: CoreContext, namespace: string, options: CacheOptions<T>): Cache<T> {
  return new RedisCache(createCacheParts(context, toCacheSettings(namespace, options)));
}
