import { encode } from "../codec/codec.ts";
import { askMany, look } from "./ask.ts";
import type {
  Cache,
  CacheLookup,
  GetOrSetManyOptions,
  GetOrSetOptions,
  InvalidateOptions,
  Loader,
  LoaderContext,
  ManyLoader,
  SetOptions,
  WarmOptions,
  WarmProgress,
} from "./cache.ts";
import type { CacheParts } from "./cache-parts.ts";
import type { CacheEventMap } from "./cache-report.ts";
import { toLifeMs } from "./cache-settings.ts";
import { decodeTag, encodeTags } from "./entry-text.ts";
import { mayUseCopy, toLoadCall } from "./load-call.ts";
import { byBucket, findOrLoadMany, loadManyUnstored } from "./load-many.ts";
import { findOrLoad, loadUnstored } from "./load-one.ts";
import type { LocalCopy } from "./local-copies.ts";
import { justLook } from "./reader.ts";
import type { BucketPosition } from "./read-reply.ts";
import { toFill } from "./to-fill.ts";
import { warmCache } from "./warm-cache.ts";

const miss = { value: undefined, state: "miss", tier: null, ageMs: 0, tags: [] } as const;

/** The cache over Redis; what it promises stands on `Cache`. */
export class RedisCache<T> implements Cache<T> {
  readonly #parts: CacheParts<T>;

  constructor(parts: CacheParts<T>) {
    this.#parts = parts;
  }

  getOrSet(key: string, loader: Loader<T>, options?: GetOrSetOptions): Promise<T | undefined> {
    const copy = options === undefined || mayUseCopy(options) ? this.#findCopy(key) : null;
    return copy ? this.#serve(key, copy) : this.#findOrLoad(key, loader, options ?? {});
  }

  async #findOrLoad(key: string, loader: Loader<T>, options: GetOrSetOptions): Promise<T | undefined> {
    const { settings, flights, report } = this.#parts;
    const call = toLoadCall(settings, key, loader, options);
    if (call.ttlMs === 0) {
      report.request("bypass", key);
      return (await loadUnstored(this.#parts, call)).read() as T | undefined;
    }
    if (call.forceFresh) {
      flights.forget(key);
    }
    const shared = await flights.join(key, (flight) => findOrLoad(this.#parts, call, flight));
    return shared.read() as T | undefined;
  }

  get(key: string): Promise<T | undefined> {
    const copy = this.#findCopy(key);
    return copy ? this.#serve(key, copy) : this.#getFresh(key);
  }

  async #getFresh(key: string): Promise<T | undefined> {
    const answer = await look(this.#parts, key);
    const usable = answer?.usable;
    this.#parts.report.request(answer ? (usable ? toOutcome(usable.state) : "miss") : "bypass", key);
    return usable?.state === "fresh" ? (usable.value.read() as T | undefined) : undefined;
  }

  async getWithMeta(key: string): Promise<CacheLookup<T>> {
    const { report, copies } = this.#parts;
    const copy = this.#findCopy(key);
    if (copy) {
      report.request("l1_hit", key);
      const value = copy.value.read() as T | undefined;
      const tags = copy.tags.map(decodeTag);
      return { value, state: "fresh", tier: "l1", ageMs: copies?.ageMs(copy) ?? 0, tags };
    }
    const answer = await look(this.#parts, key);
    if (!answer?.usable) {
      report.request(answer ? "miss" : "bypass", key);
      return miss;
    }
    const { state, value, entry, nowMs } = answer.usable;
    report.request(toOutcome(state), key);
    const ageMs = Math.max(0, nowMs - entry.createdAtMs);
    const tags = entry.tags.map(decodeTag);
    return { value: value.read() as T | undefined, state, tier: "l2", ageMs, tags };
  }

  async getMany(keys: readonly string[]): Promise<Map<string, T>> {
    const { found, rest } = this.#takeCopies(keys);
    await Promise.all(
      byBucket(this.#parts, rest).map(async (names) => {
        const answers = await askMany(this.#parts, names, justLook);
        for (const [key, { usable }] of answers ?? []) {
          this.#parts.report.request(usable ? toOutcome(usable.state) : "miss", key);
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
    loader: ManyLoader<T>,
    options: GetOrSetManyOptions<T> = {},
  ): Promise<Map<string, T>> {
    const { settings } = this.#parts;
    const { tags = [], ttl = settings.ttlMs, grace, negativeTtl, waitUntil } = options;
    const tagsOf = (key: string, value: T | undefined) =>
      typeof tags !== "function" ? tags : value === undefined ? [] : tags(key, value);
    const ttlMs = typeof ttl === "function" ? settings.ttlMs : toLifeMs(ttl, "ttl");
    const ttlMsOf = (key: string, value: T | undefined) =>
      typeof ttl === "function" && value !== undefined ? toLifeMs(ttl(key, value), "ttl") : ttlMs;
    const graceMs = grace === undefined ? settings.graceMs : toLifeMs(grace, "grace");
    const negativeTtlMs =
      negativeTtl === undefined ? settings.negativeTtlMs : toLifeMs(negativeTtl, "negativeTtl");
    if (ttlMs === 0) {
      return inOrder(keys, await loadManyUnstored(this.#parts, [...new Set(keys)], loader));
    }
    const { found, rest } = this.#takeCopies(keys);
    const { values, contended } = await findOrLoadMany(this.#parts, rest, {
      loader,
      tagsOf,
      ttlMsOf,
      graceMs,
      negativeTtlMs,
      waitUntil,
    });
    for (const [key, value] of values) {
      found.set(key, value.read() as T | undefined);
    }
    const loadOne = (key: string) => async (context: LoaderContext<T>) => {
      const value = (await loader([key], context)).get(key);
      context.tag(...tagsOf(key, value));
      context.ttl(value === undefined ? negativeTtlMs : ttlMsOf(key, value));
      return value;
    };
    const each = { grace: graceMs, negativeTtl: negativeTtlMs };
    await Promise.all(
      contended.map(async (key) => {
        found.set(key, await this.getOrSet(key, loadOne(key), each));
      }),
    );
    return inOrder(keys, found);
  }

  async set(key: string, value: T, options: SetOptions = {}): Promise<void> {
    const { settings, report } = this.#parts;
    const { tags = [], ttl = settings.ttlMs, grace = settings.graceMs } = options;
    const call = {
      key,
      ttlMs: toLifeMs(ttl, "ttl"),
      graceMs: toLifeMs(grace, "grace"),
      negativeTtlMs: settings.negativeTtlMs,
    };
    const fill = await toFill(settings, call, { value, tags: encodeTags(tags), tookMs: 0 }, encode(value));
    if (typeof fill === "string") {
      report.fill(fill, key);
      await this.delete(key);
    } else {
      await this.#changeKey(key, () => this.#parts.store.write(fill));
      report.fill("stored", key);
    }
  }

  async delete(key: string): Promise<void> {
    const removal = { name: key, freshMs: 0, graceMs: 0, loadMs: 0, tags: [], text: "" };
    await this.#changeKey(key, () => this.#parts.store.write(removal));
  }

  async expire(key: string): Promise<void> {
    await this.#changeKey(key, () => this.#parts.store.expire(key));
  }

  async invalidateTags(tags: readonly string[], options: InvalidateOptions = {}): Promise<void> {
    const encoded = encodeTags(tags);
    if (encoded.length > 0) {
      await this.#changeAll(encoded, options.mode);
    }
  }

  async clear(): Promise<void> {
    await this.#changeAll([]);
  }

  on<E extends keyof CacheEventMap>(event: E, listener: (details: CacheEventMap[E]) => void): () => void {
    return this.#parts.report.on(event, listener);
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
    loader: (key: string, context: LoaderContext<T>) => Promise<T | undefined>,
    options: WarmOptions = {},
  ): Promise<WarmProgress> {
    return warmCache(this, keys, loader, options);
  }

  /** As a promise that exists, because an L1 hit is little more than its promise. */
  #serve(key: string, copy: LocalCopy): Promise<T | undefined> {
    this.#parts.report.request("l1_hit", key);
    return copy.value.promise() as Promise<T | undefined>;
  }

  #findCopy(key: string): LocalCopy | null {
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
        this.#parts.report.request("l1_hit", key);
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

  async #changeAll(tags: readonly string[], mode?: InvalidateOptions["mode"]): Promise<void> {
    const { copies, flights, store } = this.#parts;
    try {
      for (const at of await store.invalidate(tags, mode)) {
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

function toOutcome(state: "fresh" | "stale"): "hit" | "stale" {
  return state === "fresh" ? "hit" : "stale";
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
