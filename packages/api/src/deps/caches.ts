import type { RedisCore } from "@cardinal/redis-core";
import type { Cache } from "@cardinal/redis-core/cache";
import { type CacheName, cachePolicies } from "../policies/cache-policies.ts";
import type { Post, PostList, PostTags } from "../routers/post/schemas.ts";
import type { User, UserProfile } from "../routers/user/schemas.ts";

/** The caches of the API, one for each namespace of `cache-policies.ts`. */
export interface Caches {
  readonly user: Cache<UserProfile>;
  readonly "user-search": Cache<User[]>;
  readonly post: Cache<Post>;
  readonly "post-list": Cache<PostList>;
  readonly "tag-list": Cache<PostTags>;
}

export function createCaches(core: RedisCore): Caches {
  return {
    user: core.cache("user", cachePolicies.user),
    "user-search": core.cache("user-search", cachePolicies["user-search"]),
    post: core.cache("post", cachePolicies.post),
    "post-list": core.cache("post-list", cachePolicies["post-list"]),
    "tag-list": core.cache("tag-list", cachePolicies["tag-list"]),
  };
}

/** What a change makes untrue: tags of one namespace. */
export interface Invalidation {
  readonly cache: CacheName;
  readonly tags: readonly string[];
}

/** Invalidates now. One round trip for each namespace and bucket, in parallel. */
export async function invalidate(caches: Caches, invalidations: readonly Invalidation[]): Promise<void> {
  await Promise.all(invalidations.map(({ cache, tags }) => caches[cache].invalidateTags([...tags])));
}
