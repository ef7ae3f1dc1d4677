import type { CoreContext } from "../context.ts";
import { endWithCore } from "./end-with-core.ts";

/**
 * A generator as an iterable that ends with the caller's signal, with `return()` even while its reader waits, and
 * with the core. Nothing begins before the first `next()`.
 */
export function withinCore<E>(
  context: CoreContext,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => AsyncGenerator<E, void>,
): AsyncIterableIterator<E, undefined> {
  const ending = new AbortController();
  let generator: AsyncGenerator<E, void> | undefined;
  let forget = () => {};
  const end = async (): Promise<IteratorResult<E, undefined>> => {
    forget();
    signal?.removeEventListener("abort", onAbort);
    ending.abort();
    await generator?.return();
    return { done: true, value: undefined };
  };
  const onAbort = () => void end().catch(() => {});
  const iterator: AsyncIterableIterator<E, undefined> = {
    async next() {
      if (ending.signal.aborted) {
        return { done: true, value: undefined };
      }
      if (!generator) {
        generator = run(ending.signal);
        forget = endWithCore(context, end);
      }
      try {
        const step = await generator.next();
        return step.done ? await end() : step;
      } catch (error) {
        const wasEnded = ending.signal.aborted;
        await end();
        if (wasEnded) {
          return { done: true, value: undefined };
        }
        throw error;
      }
    },
    return: end,
    [Symbol.asyncIterator]: () => iterator,
  };
  if (signal?.aborted) {
    ending.abort();
  } else {
    signal?.addEventListener("abort", onAbort, { once: true });
  }
  return iterator;
}
