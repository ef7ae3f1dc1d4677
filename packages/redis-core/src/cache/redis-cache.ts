import { encode } from "../codec/codec.ts";
import { toMs } from "../duration.ts";
import { ask, askMany } from "./ask.ts";
import type {
  Cache,
  CacheLookup,
  GetOrSetManyOptions,
  GetOrSetOptions,
  Loader,
  LoaderContext,
  SetOptions,
  WarmOptions,
  WarmProgress,
} from "./cache.ts";
import type { CacheParts } from "./cache-parts.ts";
import type { BucketPosition } from "./cache-store.ts";
import { decodeTag, encodeTags } from "./entry-text.ts";
import { byBucket, findOrLoadMany } from "./load-many.ts";
import { findOrLoad, type LoadCall, loadUnstored } from "./load-one.ts";
import { toFill } from "./to-fill.ts";
import { warmCache } from "./warm-cache.ts";

const miss = { value: undefined, state: "miss", tier: null, ageMs: 0, tags: [] } as const;

/** The cache over Redis; what it promises stands on `Cache`. */
export class RedisCache<T> implements Cache<T> {
  readonly #parts: CacheParts<T>;

  constructor(parts: CacheParts<T>) {
    this.#parts = parts;
  }

  async getOrSet(key: string, loader: Loader<T>, options: GetOrSetOptions = {}): Promise<T | undefined> {
    const { settings, flights, metrics } = this.#parts;
    const call: LoadCall<T> = {
      key,
      loader,
      tags: options.tags ?? [],
      ttlMs: options.ttl === undefined ? settings.ttlMs : toMs(options.ttl, "ttl"),
      negativeTtlMs:
        options.negativeTtl === undefined ? settings.negativeTtlMs : toMs(options.negativeTtl, "negativeTtl"),
    };
    if (call.ttlMs === 0) {
      metrics.request("bypass");
      return (await loadUnstored(this.#parts, call)).read() as T | undefined;
    }
    const copy = this.#findCopy(key);
    if (copy) {
      metrics.request("l1_hit");
      return copy.value.read() as T | undefined;
    }
    const shared = await flights.join(key, (flight) => findOrLoad(this.#parts, call, flight));
    return shared.read() as T | undefined;
  }

  async get(key: string): Promise<T | undefined> {
    const { value, state } = await this.getWithMeta(key);
    return state === "fresh" ? value : undefined;
  }

  async getWithMeta(key: string): Promise<CacheLookup<T>> {
    const { metrics } = this.#parts;
    const copy = this.#findCopy(key);
    if (copy) {
      metrics.request("l1_hit");
      const value = copy.value.read() as T | undefined;
      const ageMs = this.#parts.copies?.ageMs(copy) ?? 0;
      return { value, state: "fresh", tier: "l1", ageMs, tags: copy.tags.map(decodeTag) };
    }
    const answer = await ask(this.#parts, key, { token: "" });
    if (!answer?.usable) {
      metrics.request(answer ? "miss" : "bypass");
      return miss;
    }
    const { state, value, ageMs, tags } = answer.usable;
    metrics.request(state === "fresh" ? "hit" : "stale");
    return { value: value.read() as T | undefined, state, tier: "l2", ageMs, tags: tags.map(decodeTag) };
  }

  async getMany(keys: readonly string[]): Promise<Map<string, T>> {
    const { found, rest } = this.#takeCopies(keys);
    await Promise.all(
      byBucket(this.#parts, rest).map(async (names) => {
        const answers = await askMany(this.#parts, names, { token: "" });
        for (const [key, { usable }] of answers ?? []) {
          this.#parts.metrics.request(usable?.state === "fresh" ? "hit" : "miss");
          if (usable?.state === "fresh") {
            found.set(key, usable.value.read() as T | undefined);
          }
        }
      }),
    );
    return inOrder(keys, found);
  }

  async getOrSetMany(
    keys: readonly string[],
    loader: (
      missing: readonly string[],
      context: { readonly signal: AbortSignal },
    ) => Promise<ReadonlyMap<string, T>>,
    options: GetOrSetManyOptions<T> = {},
  ): Promise<Map<string, T>> {
    const { settings } = this.#parts;
    const { tags = [], ttl, negativeTtl } = options;
    const tagsOf = (key: string, value: T | undefined) =>
      typeof tags !== "function" ? tags : value === undefined ? [] : tags(key, value);
    const ttlMs = ttl === undefined ? settings.ttlMs : toMs(ttl, "ttl");
    const negativeTtlMs =
      negativeTtl === undefined ? settings.negativeTtlMs : toMs(negativeTtl, "negativeTtl");
    if (ttlMs === 0) {
      const loaded = await loader([...new Set(keys)], { signal: this.#parts.closing });
      return inOrder(keys, loaded);
    }
    const { found, rest } = this.#takeCopies(keys);
    const { values, contended } = await findOrLoadMany(this.#parts, rest, {
      loader,
      tagsOf,
      ttlMs,
      negativeTtlMs,
    });
    for (const [key, value] of values) {
      found.set(key, value.read() as T | undefined);
    }
    const loadOne = (key: string) => async (context: LoaderContext) => {
      const value = (await loader([key], context)).get(key);
      context.tag(...tagsOf(key, value));
      return value;
    };
    await Promise.all(
      contended.map(async (key) => {
        found.set(key, await this.getOrSet(key, loadOne(key), { ttl: ttlMs, negativeTtl: negativeTtlMs }));
      }),
    );
    return inOrder(keys, found);
  }

  async set(key: string, value: T, options: SetOptions = {}): Promise<void> {
    const { settings, metrics } = this.#parts;
    const ttlMs = options.ttl === undefined ? settings.ttlMs : toMs(options.ttl, "ttl");
    const loaded = { value, tags: encodeTags(options.tags ?? []), ttlMs };
    const fill = toFill(
      settings,
      { key, ttlMs, negativeTtlMs: settings.negativeTtlMs },
      loaded,
      encode(value),
    );
    if (typeof fill === "string") {
      metrics.fill(fill);
      await this.delete(key);
    } else {
      await this.#changeKey(key, () => this.#parts.store.write(fill));
      metrics.fill("stored");
    }
  }

  async delete(key: string): Promise<void> {
    const removal = { name: key, freshMs: 0, graceMs: 0, tags: [], text: "" };
    await this.#changeKey(key, () => this.#parts.store.write(removal));
  }

  async invalidateTags(tags: readonly string[]): Promise<void> {
    const encoded = encodeTags(tags);
    if (encoded.length > 0) {
      await this.#changeAll(encoded);
    }
  }

  async clear(): Promise<void> {
    await this.#changeAll([]);
  }

  wrap<A extends readonly unknown[]>(
    fn: (...args: A) => Promise<T | undefined>,
    options: GetOrSetOptions & { readonly key: (...args: A) => string },
  ): (...args: A) => Promise<T | undefined> {
    const { key, ...rest } = options;
    return (...args) => this.getOrSet(key(...args), () => fn(...args), rest);
  }

  warm(
    keys: Iterable<string> | AsyncIterable<string>,
    loader: (key: string, context: LoaderContext) => Promise<T | undefined>,
    options: WarmOptions = {},
  ): Promise<WarmProgress> {
    return warmCache(this, keys, loader, options);
  }

  #findCopy(key: string) {
    const { copies, events } = this.#parts;
    if (!copies) {
      return null;
    }
    if (!events.live) {
      this.#parts.inBackground(events.subscribe());
      return null;
    }
    return copies.find(key);
  }

  #takeCopies(keys: readonly string[]): { found: Map<string, T | undefined>; rest: string[] } {
    const found = new Map<string, T | undefined>();
    const rest: string[] = [];
    for (const key of new Set(keys)) {
      const copy = this.#findCopy(key);
      if (copy) {
        this.#parts.metrics.request("l1_hit");
        found.set(key, copy.value.read() as T | undefined);
      } else {
        rest.push(key);
      }
    }
    return { found, rest };
  }

  /** Whatever becomes of the write, no later caller of this process gets what was there before. */
  async #changeKey(key: string, write: () => Promise<BucketPosition | null>): Promise<void> {
    const { copies, flights } = this.#parts;
    try {
      const at = await write();
      if (at) {
        copies?.applyOwn({ kind: "key", at, key });
      }
    } finally {
      copies?.forget(key);
      flights.forget(key);
    }
  }

  async #changeAll(tags: readonly string[]): Promise<void> {
    const { copies, flights, store } = this.#parts;
    try {
      for (const at of await store.invalidate(tags)) {
        if (at) {
          copies?.applyOwn(tags.length > 0 ? { kind: "tags", at, tags } : { kind: "all", at });
        }
      }
    } catch (error) {
      copies?.restart();
      throw error;
    } finally {
      flights.forgetAll();
    }
  }
}

/** The values by the order of the keys asked for, absences left out. */
function inOrder<T>(keys: readonly string[], found: ReadonlyMap<string, T | undefined>): Map<string, T> {
  const values = new Map<string, T>();
  for (const key of keys) {
    const value = found.get(key);
    if (value !== undefined) {
      values.set(key, value);
    }
  }
  return values;
}
