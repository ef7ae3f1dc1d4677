import type { CoreContext } from "../context.ts";
import { Misuse } from "../errors.ts";
import { checkItems } from "./check-item.ts";
import type { Counter } from "./counter-types.ts";

interface CounterSource {
  readonly context: CoreContext;
  readonly values: string;
  /** One command reads its counts. */
  readonly isPlain: boolean;
}

const sources = new WeakMap<Counter, CounterSource>();

export function registerCounter(counter: Counter, source: CounterSource): void {
  sources.set(counter, source);
}

/**
 * The counts of items in several counters of one core: `{ views: 5, likes: 2 }` for each. One round trip on one
 * node, one to each node at the same time on a Cluster; a counter that forgets single items is asked by itself
 * beside it. The counters are read one after the other, not at one moment.
 *
 * @throws {RedisUnavailable} or {OutcomeUnknown} without Redis; no counts are made up.
 *
 * @example
 * const counts = await readCounters({ views, likes }, posts.map(({ id }) => id));
 * counts.get(post.id)?.views;
 */
export async function readCounters<N extends string>(
  counters: Readonly<Record<N, Counter>>,
  items: readonly string[],
): Promise<Map<string, Record<N, number>>> {
  checkItems(items);
  const names = Object.keys(counters) as N[];
  const found = new Map<N, ReadonlyMap<string, number>>();
  if (items.length > 0) {
    const plain = names.filter((name) => sources.get(counters[name])?.isPlain);
    const [batched] = await Promise.all([
      readPlain(plain.map((name) => counters[name]), items),
      ...names
        .filter((name) => !plain.includes(name))
        .map(async (name) => void found.set(name, await counters[name].get(items))),
    ]);
    plain.forEach((name, index) => found.set(name, batched[index] ?? new Map()));
  }
  return new Map(
    items.map((item) => {
      const counts = names.map((name) => [name, found.get(name)?.get(item) ?? 0]);
      return [item, Object.fromEntries(counts) as Record<N, number>];
    }),
  );
}

async function readPlain(counters: readonly Counter[], items: readonly string[]): Promise<Map<string, number>[]> {
  const known = counters.flatMap((counter) => sources.get(counter) ?? []);
  const [first] = known;
  if (!first) {
    return [];
  }
  if (known.some(({ context }) => context !== first.context)) {
    throw new Misuse("counters that are read together are of one core");
  }
  const results = await first.context.state.batch(
    known.map(({ values }) => ({ name: "ZMSCORE", keys: [values], args: items })),
  );
  return results.map((result) => {
    if (!result.ok) {
      throw result.error;
    }
    const counts = Array.isArray(result.reply) ? result.reply : [];
    return new Map(items.map((item, index) => [item, Number(counts[index] ?? 0)]));
  });
}
