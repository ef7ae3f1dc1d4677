import type { Duration } from "../duration.ts";
import type { FlushOptions, FlushResult, FlushWork } from "./flush-types.ts";

export interface CounterOptions {
  /** How long the counts stay after the last increment of any item. Default `"90d"`. */
  readonly keep?: Duration;
  /** For how long a viewer counts once per item. Default `"1h"`. */
  readonly dedupe?: Duration;
  /**
   * Items kept at most. One more, and the tenth with the lowest counts goes (1000 at most), so that newcomers have
   * room to grow; below 10 items the lowest goes, newcomer or not. Default 100 000 (about 10 MB; a trend and
   * `forget` each add as much).
   */
  readonly maxItems?: number;
  /** An item that was not counted for this long is gone, and starts from 0. Default: only with the whole counter. */
  readonly forget?: Duration;
  /** Ranks items by what was counted lately as well, for `trending`. */
  readonly trending?: {
    /** The time in which what was counted comes to weigh half. */
    readonly halfLife: Duration;
  };
  /** Keeps what was counted for `flush`, which brings it to a database. */
  readonly writeBehind?: boolean;
}

export interface IncrementOptions {
  /** A whole number, negative to take away. Default 1. */
  readonly by?: number;
  /** Counts once per item in the `dedupe` window. */
  readonly viewer?: string;
  /**
   * Counts once in 24 hours: the same id again changes nothing and gets the first answer. An id used for another
   * item or amount is a `Misuse`.
   */
  readonly operationId?: string;
}

export interface DecrementOptions extends Omit<IncrementOptions, "viewer"> {
  /** Takes away only if this viewer was counted in the `dedupe` window, and forgets that he was. */
  readonly viewer?: string;
}

export interface CountedItem {
  readonly item: string;
  readonly count: number;
}

export interface TrendingItem {
  readonly item: string;
  /** What was counted, each amount halved for every half-life that has passed since. */
  readonly weight: number;
}

/**
 * Counts of many items (views of posts, likes …) in one sorted set, so that the top ones are found without
 * reading the others. No increment is lost; one with a `viewer` or an `operationId` is asked for again when
 * its reply was lost, and counts once all the same. Counts are exact to 2^53. Items are text of 1 to 1024 bytes.
 *
 * Every method is one round trip and throws `RedisUnavailable` or `OutcomeUnknown` without Redis.
 *
 * @example
 * const views = core.counter("post-views", { dedupe: "1h" });
 * await views.increment(post.id, { viewer: session.userId });
 * const popular = await views.top(10);
 */
export interface Counter {
  /** Adds, and gives the item's count. A viewer already counted changes nothing. */
  increment(item: string, options?: IncrementOptions): Promise<number>;
  /** Takes away `by` (default 1), and gives the item's count, which may be below 0. */
  decrement(item: string, options?: DecrementOptions): Promise<number>;
  /** The counts of these items (5000 at most); 0 for those never counted. */
  get(items: readonly string[]): Promise<Map<string, number>>;
  /** The `n` (1 to 1000) items with the highest counts, highest first. Reads and sends no others. */
  top(n: number): Promise<CountedItem[]>;
  /**
   * The `n` (1 to 1000) items with the greatest decayed counts, greatest first: an amount counted at `t` weighs
   * `amount · 2^((t − now) / halfLife)`. This is forward decay with an exponential (Cormode, Shkapenyuk, Srivastava
   * and Xu, "Forward Decay: A Practical Time Decay Model for Streaming Systems", ICDE 2009): the order never changes
   * by time alone, so nothing is rescanned.
   *
   * @throws {Misuse} for a counter without `trending`.
   */
  trending(n: number): Promise<TrendingItem[]>;
  /**
   * Brings what was counted since the last flush to a database: claims up to `batch` items, hands them to `store`,
   * and acknowledges; again until less than a batch was there. Two round trips a batch.
   *
   * A flusher that is killed at any step is taken over with the same claim, so `store` may run again: it keeps the
   * claim's number with what it writes, in one transaction, and does nothing for a number it has. Then nothing is
   * lost and nothing counts twice. When it throws, the claim is free at once and the error goes to the caller.
   *
   * @throws {Misuse} for a counter without `writeBehind`.
   */
  flush(store: FlushWork, options?: FlushOptions): Promise<FlushResult>;
  /**
   * Sets the counts of items to what the database has, plus what is not flushed: for a Redis that was emptied. A
   * round trip for every 1000. Flush first where a claim may be under way.
   */
  load(counts: Iterable<readonly [item: string, count: number]>): Promise<void>;
}
