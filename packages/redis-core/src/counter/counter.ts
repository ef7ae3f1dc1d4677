import { type CoreContext, runOn } from "../context.ts";
import { toMs, toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";
import { addToCount } from "./add-to-count.ts";
import { checkItem, checkItems } from "./check-item.ts";
import type { CountedItem, Counter, CounterOptions } from "./counter-types.ts";
import { flushCounter } from "./flush.ts";
import { registerCounter } from "./read-counters.ts";
import { countsScript, loadScript, rankedScript } from "./scripts.ts";

const largestTop = 1_000;
const loadedPerStep = 1_000;

/** See `Counter`. Costs nothing until used. */
export function createCounter(context: CoreContext, name: string, options: CounterOptions = {}): Counter {
  const keepMs = toPositiveMs(options.keep ?? "90d", "keep");
  const dedupeMs = toMs(options.dedupe ?? "1h", "dedupe");
  const forgetMs = options.forget === undefined ? 0 : toPositiveMs(options.forget, "forget");
  const halfLifeMs = options.trending ? toPositiveMs(options.trending.halfLife, "trending.halfLife") : 0;
  const { maxItems = 100_000, writeBehind = false } = options;
  if (!Number.isSafeInteger(maxItems) || maxItems < 1) {
    throw new Misuse(`maxItems must be a whole number of at least 1, got ${maxItems}`);
  }
  const keys = context.keys.counter;
  const values = keys.values(name);
  const touched = keys.touched(name);
  const target = { name, keepMs, dedupeMs, forgetMs, halfLifeMs, maxItems, writeBehind };

  const readRanked = async (ranked: string, n: number) => {
    const reply = await runOn(context, "state", rankedScript, {
      keys: { ranked },
      args: { n: checkTop(n), forget: forgetMs },
      restKeys: forgetMs > 0 ? [touched] : [],
    });
    const [nowMs, ...flat] = Array.isArray(reply) ? reply : [];
    return { nowMs: Number(nowMs), items: pairsOf(flat) };
  };

  const counter: Counter = {
    increment: (item, { by = 1, ...rest } = {}) => addToCount(context, target, item, { ...rest, by }, false),

    decrement: (item, { by = 1, ...rest } = {}) => addToCount(context, target, item, { ...rest, by: -by }, true),

    async get(items) {
      checkItems(items);
      if (items.length === 0) {
        return new Map();
      }
      const reply =
        forgetMs === 0
          ? await context.state.command("ZMSCORE", [values], items)
          : await runOn(context, "state", countsScript, {
              keys: { values, touched },
              args: { forget: forgetMs },
              restArgs: items,
            });
      const counts = Array.isArray(reply) ? reply : [];
      return new Map(items.map((item, index) => [item, Number(counts[index] ?? 0)]));
    },

    async top(n) {
      if (forgetMs > 0) {
        return (await readRanked(values, n)).items;
      }
      const reply = await context.state.command("ZREVRANGE", [values], [0, checkTop(n) - 1, "WITHSCORES"]);
      // Flat in RESP2, a list of pairs in RESP3.
      return pairsOf(Array.isArray(reply) ? reply.flat() : []);
    },

    async trending(n) {
      if (halfLifeMs === 0) {
        throw new Misuse(`the counter ${name} has no trend: give it a half-life`);
      }
      const { nowMs, items } = await readRanked(keys.trend(name), n);
      return items.map(({ item, count }) => ({ item, weight: 2 ** (count - nowMs / halfLifeMs) }));
    },

    async flush(store, flushOptions) {
      if (!writeBehind) {
        throw new Misuse(`the counter ${name} keeps nothing to flush: make it with writeBehind`);
      }
      return await flushCounter(context, name, keepMs, store, flushOptions);
    },

    async load(counts) {
      let step: (string | number)[] = [];
      const flushStep = async () => {
        if (step.length > 0) {
          await runOn(context, "state", loadScript, {
            keys: { values },
            args: {
              keep: keepMs,
              max_items: maxItems,
              write_behind: writeBehind ? 1 : 0,
              forgets: forgetMs > 0 ? 1 : 0,
            },
            restKeys: [...(writeBehind ? [keys.pending(name)] : []), ...(forgetMs > 0 ? [touched] : [])],
            restArgs: step,
          });
          step = [];
        }
      };
      for (const [item, count] of counts) {
        checkItem(item);
        if (!Number.isSafeInteger(count)) {
          throw new Misuse(`a count must be a whole number, got ${count}`);
        }
        step.push(item, count);
        if (step.length === loadedPerStep * 2) {
          await flushStep();
        }
      }
      await flushStep();
    },
  };
  registerCounter(counter, { context, values, isPlain: forgetMs === 0 });
  return counter;
}

function checkTop(n: number): number {
  if (!Number.isSafeInteger(n) || n < 1 || n > largestTop) {
    throw new Misuse(`n must be a whole number from 1 to ${largestTop}, got ${n}`);
  }
  return n;
}

function pairsOf(flat: readonly unknown[]): CountedItem[] {
  return Array.from({ length: flat.length / 2 }, (_, index) => ({
    item: String(flat[index * 2]),
    count: Number(flat[index * 2 + 1]),
  }));
}
