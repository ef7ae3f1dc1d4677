import { toMs } from "../duration.ts";
import type { Loader } from "./cache.ts";
import { LoaderTimeout } from "./cache-errors.ts";
import { encodeTags } from "./entry-text.ts";

export interface Loaded<T> {
  readonly value: T | undefined;
  /** Encoded, those of the call and those the loader added. */
  readonly tags: readonly string[];
  /** The loader's own time to live, if it set one. */
  readonly ttlMs: number | undefined;
}

export interface LoaderRun {
  readonly hardTimeoutMs: number;
  readonly tags: readonly string[];
  /** Aborted when the core closes. */
  readonly closing: AbortSignal;
  /** Called every `everyMs` while the loader runs. */
  readonly keepAlive?: { readonly everyMs: number; readonly beat: () => void } | undefined;
}

/**
 * Runs a loader for at most `hardTimeoutMs`, then aborts its signal and lets go of it.
 *
 * @throws {LoaderTimeout} or whatever the loader throws.
 */
export async function runLoader<T>(
  what: string,
  loader: Loader<T>,
  { hardTimeoutMs, tags, closing, keepAlive }: LoaderRun,
): Promise<Loaded<T>> {
  const ownTags = [...tags];
  let ttlMs: number | undefined;
  const limit = new AbortController();
  const done = new AbortController();
  const signal = AbortSignal.any([limit.signal, closing]);
  const heart = keepAlive && setInterval(keepAlive.beat, keepAlive.everyMs);
  heart?.unref();
  let timer: NodeJS.Timeout | undefined;
  const outOfTime = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new LoaderTimeout(`${what}: the loader ran longer than ${hardTimeoutMs} ms`);
      limit.abort(error);
      reject(error);
    }, hardTimeoutMs);
    closing.addEventListener("abort", () => reject(closing.reason as Error), { signal: done.signal });
  });
  try {
    const load = async () =>
      await loader({
        signal,
        tag: (...more) => void ownTags.push(...more),
        ttl: (ttl) => {
          ttlMs = toMs(ttl, "ttl");
        },
      });
    const value = await Promise.race([load(), outOfTime]);
    return { value, tags: encodeTags(ownTags), ttlMs };
  } finally {
    done.abort();
    clearTimeout(timer);
    clearInterval(heart);
  }
}
