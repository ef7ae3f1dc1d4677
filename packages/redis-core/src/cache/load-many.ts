import { encode } from "../codec/codec.ts";
import { type Answer, askMany } from "./ask.ts";
import type { ManyLoader } from "./cache.ts";
import type { CacheParts } from "./cache-parts.ts";
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
  const texts = new Map<string, string>();
  const values = new Map<string, T | undefined>();
  let tookMs = 0;
  try {
    const { value: loaded, ...run } = await runLoader<ReadonlyMap<string, T>>(
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
    tookMs = run.tookMs;
    report.loaded(tookMs);
    for (const key of keys) {
      values.set(key, loaded?.get(key));
      texts.set(key, encode(loaded?.get(key)));
    }
  } catch (error) {
    keys.forEach((key) => report.loadFailed(key, error, isRefresh));
    await Promise.all(buckets.map(release));
    throw error;
  }
  await Promise.all(buckets.map((names) => fillMany(parts, names, { call, token, values, texts, tookMs })));
  return new Map(
    keys.map((key) => [key, values.get(key) === undefined ? absent : shareText(texts.get(key) ?? "")]),
  );
}

async function fillMany<T>(
  { settings, store, report }: CacheParts<T>,
  names: readonly string[],
  loaded: {
    readonly call: LoadManyCall<T>;
    readonly token: string;
    readonly values: ReadonlyMap<string, T | undefined>;
    readonly texts: ReadonlyMap<string, string>;
    readonly tookMs: number;
  },
): Promise<void> {
  const { call, token, values, texts, tookMs } = loaded;
  const fills = await Promise.all(
    names.map((key) => {
      const value = values.get(key);
      const tags = encodeTags(call.tagsOf(key, value));
      const one = { key, ttlMs: call.ttlMsOf(key, value), graceMs: call.graceMs, negativeTtlMs: call.negativeTtlMs };
      return toFill(settings, one, { value, tags, tookMs }, texts.get(key) ?? "");
    }),
  );
  const wanted = fills.filter((fill) => typeof fill !== "string");
  const unwanted = names.filter((_, index) => typeof fills[index] === "string");
  try {
    if (wanted.length > 0) {
      const { stored } = await store.fill(token, wanted);
      wanted.forEach(({ name }, index) => report.fill(stored[index] ? "stored" : "fenced", name));
    }
    if (unwanted.length > 0) {
      unwanted.forEach((name) => report.fill("skipped", name));
      await store.release(token, unwanted, 0);
    }
  } catch {
    wanted.forEach(({ name }) => report.fill("unavailable", name));
  }
}
