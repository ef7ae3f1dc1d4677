import { Wakeup } from "./wakeup.ts";

/** One of many streams that share an outlet. */
export interface MergeSource<Frame> {
  /**
   * The source's frames, until it ends; it says by frames of its own how it ended. `writable` resolves while the outlet
   * is being waited for: a source that awaits it before it reads makes its next frame when there is room for it.
   */
  frames(signal: AbortSignal, writable: () => Promise<void>): AsyncIterable<Frame>;
}

interface Held<Frame> {
  readonly frame: Frame;
  readonly taken: () => void;
}

/** So many frames leave together at most, when so many sources have one. */
const MOST_TOGETHER = 32;

/**
 * Merges streams into one of batches, fairly: of each source at most one frame is held, the longest held leave first,
 * and a source is asked for its next one when the last has been taken. So a reader that takes nothing costs one
 * frame a source. When it ends, however it ends, every source has been ended before.
 */
export async function* mergeStreams<Frame>(
  sources: readonly MergeSource<Frame>[],
  outerSignal: AbortSignal,
): AsyncGenerator<Frame[], void> {
  const ending = new AbortController();
  const signal = AbortSignal.any([outerSignal, ending.signal]);
  const held: Held<Frame>[] = [];
  const arrival = new Wakeup();
  const room = new Gate(signal);
  let failure: { readonly error: unknown } | null = null;
  let running = sources.length;

  const hold = (frame: Frame) =>
    new Promise<void>((resolve) => {
      const taken = () => {
        signal.removeEventListener("abort", taken);
        resolve();
      };
      signal.addEventListener("abort", taken, { once: true });
      held.push({ frame, taken });
      arrival.ring();
    });

  const run = async (source: MergeSource<Frame>) => {
    try {
      for await (const frame of source.frames(signal, room.open)) {
        if (signal.aborted) {
          return;
        }
        await hold(frame);
        if (signal.aborted) {
          return;
        }
      }
    } catch (error) {
      failure ??= { error };
    } finally {
      running -= 1;
      arrival.ring();
    }
  };

  const runs = sources.map(run);
  try {
    while (!signal.aborted) {
      if (held.length === 0) {
        if (failure !== null) {
          throw (failure as { readonly error: unknown }).error;
        }
        if (running === 0) {
          return;
        }
        room.set(true);
        await arrival.wait(signal);
        // What else came in this turn of the event loop leaves together.
        await new Promise((resolve) => setImmediate(resolve));
        room.set(false);
        continue;
      }
      const batch = held.splice(0, MOST_TOGETHER);
      yield batch.map(({ frame }) => frame);
      for (const { taken } of batch) {
        taken();
      }
    }
  } finally {
    ending.abort();
    await Promise.all(runs);
  }
}

/** Opens and shuts; who comes while it is shut waits. Aborted, it stands open. */
class Gate {
  readonly #signal: AbortSignal;
  #isOpen = false;
  #waiting: (() => void)[] = [];

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", () => this.set(true), { once: true });
  }

  readonly open = async (): Promise<void> => {
    while (!this.#isOpen && !this.#signal.aborted) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  };

  set(isOpen: boolean): void {
    this.#isOpen = isOpen;
    if (isOpen) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const pass of waiting) {
        pass();
      }
    }
  }
}
