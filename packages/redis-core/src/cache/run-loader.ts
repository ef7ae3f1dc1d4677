import type { Loader } from "./cache.ts";
import { LoaderTimeout } from "./cache-errors.ts";
import { toLifeMs } from "./cache-settings.ts";
import { encodeTags } from "./entry-text.ts";
import type { SharedValue } from "./shared-value.ts";

export interface Loaded<T> {
  readonly value: T | undefined;
  /** Encoded, those of the call and those the loader added. */
  readonly tags: readonly string[];
  /** The loader's own time to live and grace, if it set them. */
  readonly ttlMs?: number | undefined;
  readonly graceMs?: number | undefined;
  readonly tookMs: number;
}

export interface LoaderRun {
  readonly hardTimeoutMs: number;
  readonly tags: readonly string[];
  /** What is about to be replaced. */
  readonly stale: SharedValue | undefined;
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
export async function runLoader<T>(what: string, loader: Loader<T>, run: LoaderRun): Promise<Loaded<T>> {
  const { hardTimeoutMs, closing, keepAlive } = run;
  const startedAt = performance.now();
  const tags = [...run.tags];
  let ttlMs: number | undefined;
  let graceMs: number | undefined;
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
        stale: run.stale?.read() as T | undefined,
        tag: (...more) => void tags.push(...more),
        ttl: (ttl) => {
          ttlMs = toLifeMs(ttl, "ttl");
        },
        grace: (grace) => {
          graceMs = toLifeMs(grace, "grace");
        },
        skip: () => {
          ttlMs = 0;
        },
      });
    const value = await Promise.race([load(), outOfTime]);
    return { value, tags: encodeTags(tags), ttlMs, graceMs, tookMs: performance.now() - startedAt };
  } finally {
    done.abort();
    clearTimeout(timer);
    clearInterval(heart);
  }
}
