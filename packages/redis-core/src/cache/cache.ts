import type { Duration } from "../duration.ts";
import type { StandardSchema } from "../schema.ts";
import type { CacheEventMap } from "./cache-report.ts";

/** What a loader is handed. */
export interface LoaderContext<T = unknown> {
  /** Aborted after `hardTimeout` and when the core closes. */
  readonly signal: AbortSignal;
  /**
   * The value that is about to be replaced, where Redis still has one. A loader that finds it unchanged at the
   * source (`304 Not Modified`) returns it, and it is fresh again.
   */
  readonly stale: T | undefined;
  /** Adds tags to the entry. An invalidation of one that came since the load began keeps it from storage. */
  tag(...tags: string[]): void;
  /** Replaces the entry's time to live; 0 means "do not store". */
  ttl(ttl: Duration): void;
  /** Replaces the entry's grace. */
  grace(grace: Duration): void;
  /** The value goes to those who wait for it and is not stored. */
  skip(): void;
}

/** Reads the source. `undefined` means "there is none", and is stored only under `negativeTtl`. */
export type Loader<T> = (context: LoaderContext<T>) => Promise<T | undefined> | T | undefined;

export interface CacheOptions<T> {
  /** How long an entry is fresh. `0` loads every time and stores nothing. */
  readonly ttl: Duration;
  /**
   * How long after `ttl` the old value may still be served: at once while one process loads the new one,
   * and for as long as loading fails. Default 0.
   */
  readonly grace?: Duration;
  /** How long "there is none" (a loader's `undefined`) is remembered. Default 0: not at all. */
  readonly negativeTtl?: Duration;
  /** Copies in this process, kept coherent by messages. `false` asks Redis every time. Default `false`. */
  readonly l1?: false | { readonly max: number; readonly ttl: Duration };
  /**
   * Version of what the values look like. Another version never sees these entries; tags and `clear` reach those of
   * every version, so that two of them may serve during a deploy. Default 1.
   */
  readonly version?: number;
  /**
   * Checks values read from Redis; one that fails is a miss. Any Standard Schema (zod, valibot …). Readers get its
   * output, so it may bring values of an older shape into the present one; values of the present shape must pass
   * unchanged. What a loader returns is not checked.
   */
  readonly schema?: StandardSchema<T>;
  /** Part of `ttl` by which entries end early, at random, so that they do not end together. Default 0.1. */
  readonly jitter?: number;
  /**
   * How early one reader at a time loads a hot entry anew, while all get the present value, so that nobody waits
   * when it ends. 1 is the optimum of "Optimal Probabilistic Cache Stampede Prevention" (Vattani, Chierichetti,
   * Lowenstein; VLDB 2015), where the probability that a read does so is exp(-time left / (load time × this));
   * higher is earlier. Default 0: not at all.
   */
  readonly earlyRefresh?: number;
  /** Longest text that is stored for a value, in UTF-8 bytes; longer ones are served, not kept. Default 1 MiB. */
  readonly maxBytes?: number;
  /**
   * Encoded values longer than this many UTF-8 bytes are stored deflated, where that makes them shorter. Needs the
   * platform's `CompressionStream`. Default: none are.
   */
  readonly compressAbove?: number;
  /** How long a reader that holds a stale value waits for the new one. Default 0: not at all. */
  readonly softTimeout?: Duration;
  /** How long a loader may run before it is aborted and `LoaderTimeout` thrown. Default 30 s. */
  readonly hardTimeout?: Duration;
  /** How long a process that died while loading blocks the others. Default 3 s. */
  readonly lease?: Duration;
  /** How long to wait for another process' load before loading as well, unstored. Default 5 s. */
  readonly wait?: Duration;
  /** For how long a failed refresh is not tried again while an old value can be served. Default 1 s. */
  readonly backOff?: Duration;
}

/** What one call does otherwise than its namespace. */
export interface GetOrSetOptions {
  readonly tags?: readonly string[];
  readonly ttl?: Duration;
  readonly grace?: Duration;
  readonly negativeTtl?: Duration;
  readonly softTimeout?: Duration;
  readonly hardTimeout?: Duration;
  /**
   * Load whatever is cached, and replace it in every process. A load of the key that began earlier, anywhere, is
   * not stored. A failing loader throws and leaves what is cached. Default false.
   */
  readonly forceFresh?: boolean;
  /** Handed what goes on after the value was returned, for platforms that freeze a process which answered. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

export interface SetOptions {
  readonly tags?: readonly string[];
  readonly ttl?: Duration;
  readonly grace?: Duration;
}

export interface GetOrSetManyOptions<T> {
  readonly tags?: readonly string[] | ((key: string, value: T) => readonly string[]);
  /** For all, or by key and value; 0 means "do not store". */
  readonly ttl?: Duration | ((key: string, value: T) => Duration);
  readonly grace?: Duration;
  readonly negativeTtl?: Duration;
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

/** Reads many keys from the source. A key that is not in the answer is absent. */
export type ManyLoader<T> = (
  missing: readonly string[],
  context: { readonly signal: AbortSignal },
) => Promise<ReadonlyMap<string, T>>;

export interface InvalidateOptions {
  /** `delete` (default): the entries are gone. `expire`: they are stale, and served as such within their grace. */
  readonly mode?: "delete" | "expire";
}

/** A value and how it was found. `miss` has no value; `fresh` without one is a remembered absence. */
export interface CacheLookup<T> {
  readonly value: T | undefined;
  readonly state: "fresh" | "stale" | "miss";
  readonly tier: "l1" | "l2" | null;
  readonly ageMs: number;
  readonly tags: readonly string[];
}

export interface WarmOptions {
  /** Loads at a time. Default 8. */
  readonly concurrency?: number;
  readonly tags?: readonly string[];
  readonly ttl?: Duration;
  /** Load what is cached, too. Default false. */
  readonly forceFresh?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: WarmProgress) => void;
}

export interface WarmProgress {
  readonly done: number;
  readonly failed: number;
  /** Absent while the keys come from an iterator whose end is not known. */
  readonly total?: number;
}

/**
 * A namespace of the cache. Values it returns are frozen, or a copy for each reader where freezing cannot
 * protect them (Map, Set, Date …), so that readers never see each other's changes.
 *
 * Without Redis, reads load from the source (one load per key and process at a time) and nothing throws;
 * `set`, `delete`, `invalidateTags` and `clear` throw `RedisUnavailable` or `OutcomeUnknown`, because a
 * write that did not arrive is the caller's to repeat.
 */
export interface Cache<T> {
  /**
   * The cached value, or the loader's. A hit costs one round trip, tagged or not, an L1 hit none. One loader
   * runs per key across all processes; the others wait for it or get the stale value. A value whose loading
   * began before a `set`, `delete`, `invalidateTags` or `clear` is never stored after it.
   */
  getOrSet(key: string, loader: Loader<T>, options?: GetOrSetOptions): Promise<T | undefined>;
  /** The cached value if it is fresh. One round trip, none from L1. */
  get(key: string): Promise<T | undefined>;
  /** As `get`, with age, tags and tier, and stale values too. Tells a remembered absence from a miss. */
  getWithMeta(key: string): Promise<CacheLookup<T>>;
  /** The fresh values among the keys. One round trip (on a Cluster one parallel trip per bucket). */
  getMany(keys: readonly string[]): Promise<Map<string, T>>;
  /**
   * As `getOrSet` for many keys: one round trip to read, one loader call for all that this process has to
   * load, one round trip to write. Keys that another process is loading are waited for.
   */
  getOrSetMany(
    keys: readonly string[],
    loader: ManyLoader<T>,
    options?: GetOrSetManyOptions<T>,
  ): Promise<Map<string, T>>;
  /** Stores a value. Loads of the key that are under way will not be stored. One round trip. */
  set(key: string, value: T, options?: SetOptions): Promise<void>;
  /** Removes the key and keeps loads under way from storing it. One round trip; repeating it is harmless. */
  delete(key: string): Promise<void>;
  /** Ends the key's freshness: within its grace it is stale, without grace gone. Fences as `delete`. One round trip. */
  expire(key: string): Promise<void>;
  /** Removes every entry that has one of the tags, or makes it stale, in one O(tags) round trip. */
  invalidateTags(tags: readonly string[], options?: InvalidateOptions): Promise<void>;
  /** Removes all entries of the namespace, in one O(1) round trip. */
  clear(): Promise<void>;
  /** `fn` through the cache, under the key that `key` makes of the arguments. */
  wrap<A extends readonly unknown[]>(
    fn: (...args: A) => Promise<T | undefined>,
    options: GetOrSetOptions & { readonly key: (...args: A) => string },
  ): (...args: A) => Promise<T | undefined>;
  /** Loads what is not cached, `concurrency` (8) at a time. A key that fails is counted, not thrown. */
  warm(
    keys: Iterable<string> | AsyncIterable<string>,
    loader: (key: string, context: LoaderContext<T>) => Promise<T | undefined>,
    options?: WarmOptions,
  ): Promise<WarmProgress>;
  /** Calls the listener for each event of this process, until the function it returns is called. */
  on<E extends keyof CacheEventMap>(event: E, listener: (details: CacheEventMap[E]) => void): () => void;
}
