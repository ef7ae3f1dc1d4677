import { type CoreContext, runOn } from "../context.ts";
import { type Duration, toMs, toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";
import { incrementScript } from "./scripts.ts";

export interface CounterOptions {
  /** How long the counts stay after the last increment of any item. Default `"90d"`. */
  readonly keep?: Duration;
  /** For how long a viewer counts once per item. Default `"1h"`. */
  readonly dedupe?: Duration;
  /**
   * Items kept at most. One more, and the lowest count goes, which may be the newcomer's. Default 100 000
   * (about 10 MB).
   */
  readonly maxItems?: number;
}

export interface IncrementOptions {
  /** A whole number, negative to take away. Default 1. */
  readonly by?: number;
  /** Counts once per item in the `dedupe` window. */
  readonly viewer?: string;
  /** Counts once in 24 hours: the same id again changes nothing and gets the first answer. */
  readonly operationId?: string;
}

export interface CountedItem {
  readonly item: string;
  readonly count: number;
}

/**
 * Counts of many items (views of posts, likes …) in one sorted set, so that the top ones are found without
 * reading the others. No increment is lost; one with a `viewer` or an `operationId` is asked for again when
 * its reply was lost, and counts once all the same. Counts are exact to 2^53.
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
  /** The counts of these items; 0 for those never counted. */
  get(items: readonly string[]): Promise<Map<string, number>>;
  /** The `n` (1 to 1000) items with the highest counts, highest first. Reads and sends no others. */
  top(n: number): Promise<CountedItem[]>;
}

const largestTop = 1_000;

/** See `Counter`. Costs nothing until used. */
export function createCounter(context: CoreContext, name: string, options: CounterOptions = {}): Counter {
  const keepMs = toPositiveMs(options.keep ?? "90d", "keep");
  const dedupeMs = toMs(options.dedupe ?? "1h", "dedupe");
  const { maxItems = 100_000 } = options;
  if (!Number.isSafeInteger(maxItems) || maxItems < 1) {
    throw new Misuse(`maxItems must be a whole number of at least 1, got ${maxItems}`);
  }
  const { counter } = context.keys;
  const values = counter.values(name);

  return {
    async increment(item, { by = 1, viewer, operationId } = {}) {
      if (!Number.isSafeInteger(by)) {
        throw new Misuse(`by must be a whole number, got ${by}`);
      }
      const recognised = viewer !== undefined || operationId !== undefined;
      const count = await runOn(
        context,
        "state",
        incrementScript,
        {
          keys: {
            values,
            seen: viewer === undefined ? values : counter.seen(name, item, viewer),
            operation: operationId === undefined ? values : counter.operation(name, operationId),
          },
          args: {
            item,
            by,
            keep: keepMs,
            maxItems,
            window: viewer === undefined ? 0 : dedupeMs,
            hasOperation: operationId === undefined ? 0 : 1,
          },
        },
        { resend: recognised ? "once" : "never" },
      );
      return Number(count);
    },

    async get(items) {
      if (items.length === 0) {
        return new Map();
      }
      const reply = await context.state.command("ZMSCORE", [values], items);
      const counts = Array.isArray(reply) ? reply : [];
      return new Map(items.map((item, index) => [item, Number(counts[index] ?? 0)]));
    },

    async top(n) {
      if (!Number.isSafeInteger(n) || n < 1 || n > largestTop) {
        throw new Misuse(`n must be a whole number from 1 to ${largestTop}, got ${n}`);
      }
      const reply = await context.state.command("ZREVRANGE", [values], [0, n - 1, "WITHSCORES"]);
      // Flat in RESP2, a list of pairs in RESP3.
      const flat = Array.isArray(reply) ? reply.flat() : [];
      return Array.from({ length: flat.length / 2 }, (_, index) => ({
        item: String(flat[index * 2]),
        count: Number(flat[index * 2 + 1]),
      }));
    },
  };
}
