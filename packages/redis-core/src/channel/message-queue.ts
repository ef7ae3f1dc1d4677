import { Misuse } from "../errors.ts";

/**
 * Stands in a stream for messages that were lost, by a dropped connection or a reader that fell behind.
 * Read again whatever the messages stand for.
 */
export const StreamGap: unique symbol = Symbol("StreamGap");
export type StreamGap = typeof StreamGap;

/** Messages waiting for one reader. Never holds more than `max`: then all are dropped for one gap. */
export class MessageQueue<T> {
  readonly #max: number;
  #waiting: (T | StreamGap)[] = [];
  #wake: (() => void) | undefined;

  constructor(max: number) {
    if (!Number.isInteger(max) || max < 1) {
      throw new Misuse(`maxQueued must be a whole number of at least 1, got ${max}`);
    }
    this.#max = max;
  }

  push(message: T): void {
    if (this.#waiting.length >= this.#max) {
      this.#waiting = [StreamGap];
    } else {
      this.#waiting.push(message);
    }
    this.#wake?.();
  }

  /** What waits is older than the gap, so the gap stands for it too. */
  gap(): void {
    this.#waiting = [StreamGap];
    this.#wake?.();
  }

  /** Yields what comes until the signal fires. One reader. */
  async *read(signal: AbortSignal | undefined): AsyncGenerator<T | StreamGap, void, void> {
    const onAbort = () => this.#wake?.();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      while (!signal?.aborted) {
        const batch = this.#waiting;
        this.#waiting = [];
        yield* batch;
        if (this.#waiting.length === 0 && !signal?.aborted) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = undefined;
        }
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }
}
