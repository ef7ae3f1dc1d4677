import { Misuse } from "../errors.ts";
import type { Cache, LoaderContext, WarmOptions, WarmProgress } from "./cache.ts";

/** Runs the keys through `getOrSet`, a few at a time, pulling them from the iterator only as fast as that. */
export async function warmCache<T>(
  cache: Cache<T>,
  keys: Iterable<string> | AsyncIterable<string>,
  loader: (key: string, context: LoaderContext<T>) => Promise<T | undefined>,
  { concurrency = 8, signal, onProgress, ...options }: WarmOptions,
): Promise<WarmProgress> {
  if (!(Number.isSafeInteger(concurrency) && concurrency > 0)) {
    throw new Misuse(`concurrency must be a whole number above 0, got ${concurrency}`);
  }
  const total = Array.isArray(keys) ? keys.length : keys instanceof Set ? keys.size : undefined;
  let done = 0;
  let failed = 0;
  const progress = (): WarmProgress => ({ done, failed, ...(total === undefined ? {} : { total }) });
  const iterator = eachOf(keys);
  const work = async () => {
    for (;;) {
      signal?.throwIfAborted();
      const next = await iterator.next();
      if (next.done) {
        return;
      }
      try {
        await cache.getOrSet(next.value, (context) => loader(next.value, context), options);
        done += 1;
      } catch {
        failed += 1;
      }
      onProgress?.(progress());
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } finally {
    await iterator.return(undefined);
  }
  return progress();
}

async function* eachOf(keys: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string, void> {
  yield* keys;
}
