import type { Duration } from "@cardinal/redis-core";

interface CachePolicy {
  /** How long a value is fresh. */
  readonly ttl: Duration;
  /**
   * How long after that a stale value may still be served while a new one is loaded, or when loading fails.
   */
  readonly grace?: Duration;
  /** How long "there is none" is remembered. Absent: not at all. */
  readonly negativeTtl?: Duration;
  /** Values also kept in this process, at most this many for this long. `false`: every read asks Redis. */
  readonly l1?: false | { readonly max: number; readonly ttl: Duration };
  /** Raised when the shape of a value changes: old and new processes then never read each other's. */
  readonly version: number;
}

/**
 * Every cache namespace on one page, with the tags its values carry. Invalidation happens after COMMIT, at
 * once and again by a job whose outbox row is part of the transaction.
 */
export const cachePolicies = {
  /**
   * A member's profile with his latest posts. Tag: `user:<id>`; of an absent one `id:<id>` or
   * `name:<handle>`.
   */
  user: { ttl: "1h", grace: "10m", negativeTtl: "1m", l1: false, version: 1 },
  /** Results of a member search. Tag: `users`. */
  "user-search": { ttl: "5m", negativeTtl: "1m", l1: false, version: 1 },
  /**
   * One post with author and comments. Tags: `post:<id>`, `user:<id>` of everyone on it; of an absent one
   * `slug:<slug>`.
   */
  post: { ttl: "1h", grace: "10m", negativeTtl: "1m", l1: false, version: 1 },
  /** One page of a post list. Tags: `posts`, and `user:<id>` of every author on it. */
  "post-list": { ttl: "5m", grace: "1m", l1: false, version: 1 },
  /** All tags with their number of posts. Tag: `posts`. */
  "tag-list": { ttl: "24h", grace: "10m", l1: false, version: 1 },
} as const satisfies Record<string, CachePolicy>;

export type CacheName = keyof typeof cachePolicies;
