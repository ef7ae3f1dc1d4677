import { encode } from "../codec/codec.ts";
import { encodeKeySegment } from "../keyspace/key-segment.ts";
import { type Answer, askMany } from "./ask.ts";
import type { ManyLoader } from "./cache.ts";
import type { CacheParts } from "./cache-parts.ts";
import type { CacheSettings } from "./cache-settings.ts";
import { encodeTags } from "./entry-text.ts";
import { runLoader } from "./run-loader.ts";
import { absent, shareText, type SharedValue } from "./shared-value.ts";
import { toFill } from "./to-fill.ts";

export interface LoadManyCall<T> {
  readonly loader: ManyLoader<T>;
  readonly tagsOf: (key: string, value: T | undefined) => readonly string[];
  readonly ttlMsOf: (key: string, value: T | undefined) => number;
  readonly graceMs: number;
  readonly negativeTtlMs: number;
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined;
}

interface Sorted {
  readonly values: Map<string, SharedValue>;
  /** Ours to load; `leased` those among them that may be stored. */
  readonly missing: string[];
  readonly leased: Set<string>;
  /** Served ones whose refreshing fell to us. */
  readonly refreshing: string[];
  /** Being loaded by others, or spoiled: to be taken one by one. */
  readonly contended: string[];
}

export interface FoundMany {
  readonly values: Map<string, SharedValue>;
  readonly contended: readonly string[];
}

/** One read a bucket, one loader call, one write a bucket. Leaves to the caller what others are loading. */
export async function findOrLoadMany<T>(
  parts: CacheParts<T>,
  keys: readonly string[],
  call: LoadManyCall<T>,
): Promise<FoundMany> {
  const manner = parts.reader.leasing();
  const sorted: Sorted = { values: new Map(), missing: [], leased: new Set(), refreshing: [], contended: [] };
  await Promise.all(
    byBucket(parts, keys).map(async (names) => {
      const answers = await askMany(parts, names, manner);
      for (const name of names) {
        sort(parts, sorted, name, answers?.get(name) ?? null);
      }
    }),
  );
  if (sorted.refreshing.length > 0) {
    const refreshing = loadMany(parts, sorted.refreshing, new Set(sorted.refreshing), call, manner.token, true);
    parts.inBackground(refreshing);
    call.waitUntil?.(refreshing.catch(() => {}));
  }
  if (sorted.missing.length > 0) {
    for (const [key, value] of await loadMany(parts, sorted.missing, sorted.leased, call, manner.token, false)) {
      sorted.values.set(key, value);
    }
  }
  return { values: sorted.values, contended: sorted.contended };
}

/** The keys in lists of one bucket each. */
export function byBucket<T>({ store }: CacheParts<T>, keys: readonly string[]): string[][] {
  const lists = new Map<number, string[]>();
  for (const key of keys) {
    const bucket = store.bucketOf(key);
    const list = lists.get(bucket) ?? [];
    lists.set(bucket, list);
    list.push(key);
  }
  return [...lists.values()];
}

function sort<T>({ report }: CacheParts<T>, sorted: Sorted, key: string, answer: Answer | null): void {
  if (!answer) {
    report.request("bypass", key);
    sorted.missing.push(key);
  } else if (answer.usable) {
    report.request(answer.usable.state === "fresh" ? "hit" : "stale", key);
    sorted.values.set(key, answer.usable.value);
    if (answer.lease === "granted") {
      sorted.refreshing.push(key);
    }
  } else if (answer.spoiled || answer.lease === "busy") {
    sorted.contended.push(key);
  } else {
    report.request("miss", key);
    sorted.missing.push(key);
    if (answer.lease === "granted") {
      sorted.leased.add(key);
    }
  }
}

async function loadMany<T>(
  parts: CacheParts<T>,
  keys: readonly string[],
  leased: ReadonlySet<string>,
  call: LoadManyCall<T>,
  token: string,
  isRefresh: boolean,
): Promise<Map<string, SharedValue>> {
  const { settings, store, report, closing } = parts;
  const buckets = byBucket(parts, [...leased]);
  const backOffMs = isRefresh ? settings.backOffMs : 0;
  const release = (names: readonly string[]) => store.release(token, names, backOffMs).catch(() => {});
  const beat = () => buckets.forEach((names) => void store.renew(token, names).catch(() => {}));
  const shared = new Map<string, SharedValue>();
  let planned: readonly Planned[];
  try {
    const { value: loaded, tookMs } = await runLoader<ReadonlyMap<string, T>>(
      `cache ${settings.namespace}, ${keys.length} keys`,
      ({ signal }) => call.loader(keys, { signal }),
      {
        hardTimeoutMs: settings.hardTimeoutMs,
        tags: [],
        stale: undefined,
        closing,
        keepAlive: { everyMs: settings.leaseMs / 3, beat },
      },
    );
    report.loaded(tookMs);
    const texts = new Map(keys.map((key) => [key, encode(loaded?.get(key))]));
    for (const [key, text] of texts) {
      shared.set(key, loaded?.get(key) === undefined ? absent : shareText(text));
    }
    const planOne = (key: string) => {
      const one = { key, text: texts.get(key) ?? "", value: loaded?.get(key), tookMs };
      return plan(settings, call, one);
    };
    planned = await Promise.all(buckets.map((names) => Promise.all(names.map(planOne))));
  } catch (error) {
    keys.forEach((key) => report.loadFailed(key, error, isRefresh));
    await Promise.all(buckets.map(release));
    throw error;
  }
  await Promise.all(planned.map((each) => fillMany(parts, token, each)));
  return shared;
}

/** For keys that are not to be stored. */
export async function loadManyUnstored<T>(
  { settings, report, closing }: CacheParts<T>,
  keys: readonly string[],
  loader: ManyLoader<T>,
): Promise<ReadonlyMap<string, T>> {
  keys.forEach(encodeKeySegment); // Keys that could not be stored are refused whether or not they are to be.
  keys.forEach((key) => report.request("bypass", key));
  const what = `cache ${settings.namespace}, ${keys.length} keys`;
  const run = { hardTimeoutMs: settings.hardTimeoutMs, tags: [], stale: undefined, closing };
  const { value, tookMs } = await runLoader<ReadonlyMap<string, T>>(what, ({ signal }) => loader(keys, { signal }), run);
  report.loaded(tookMs);
  return value ?? new Map();
}

/** What becomes of each key of a bucket. */
type Planned = readonly { readonly key: string; readonly fill: Awaited<ReturnType<typeof toFill>> }[];

async function plan<T>(
  settings: CacheSettings<T>,
  call: LoadManyCall<T>,
  one: { readonly key: string; readonly text: string; readonly value: T | undefined; readonly tookMs: number },
): Promise<Planned[number]> {
  const { key, text, value, tookMs } = one;
  const { graceMs, negativeTtlMs } = call;
  const lives = { key, ttlMs: call.ttlMsOf(key, value), graceMs, negativeTtlMs };
  const loaded = { value, tags: encodeTags(call.tagsOf(key, value)), tookMs };
  return { key, fill: await toFill(settings, lives, loaded, text) };
}

async function fillMany<T>(
  { store, report }: CacheParts<T>,
  token: string,
  planned: Planned,
): Promise<void> {
  const wanted = planned.map(({ fill }) => fill).filter((fill) => typeof fill !== "string");
  const unwanted = planned.flatMap(({ key, fill }) => (typeof fill === "string" ? [{ key, outcome: fill }] : []));
  try {
    if (wanted.length > 0) {
      const { stored } = await store.fill(token, wanted);
      wanted.forEach(({ name }, index) => report.fill(stored[index] ? "stored" : "fenced", name));
    }
    if (unwanted.length > 0) {
      unwanted.forEach(({ key, outcome }) => report.fill(outcome, key));
      const names = unwanted.map(({ key }) => key);
      await store.release(token, names, 0);
    }
  } catch {
    wanted.forEach(({ name }) => report.fill("unavailable", name));
  }
}
