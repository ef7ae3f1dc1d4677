import { Misuse } from "../errors.ts";

type Step<T> = IteratorResult<T, undefined>;

/**
 * Messages waiting for one reader. Never holds more than `max`: then all are dropped for one gap, which
 * the reader is told of in its place among the messages.
 */
export class MessageQueue<T> {
  readonly #max: number;
  readonly #onGap: () => void;
  #waiting: Step<T>[] = [];
  /** A gap lies before the first waiting message. */
  #hasGap = false;
  #isEnded = false;
  #reader: ((step: Step<T>) => void) | undefined;

  constructor(max: number, onGap: () => void) {
    if (!Number.isInteger(max) || max < 1) {
      throw new Misuse(`maxQueued must be a whole number of at least 1, got ${max}`);
    }
    this.#max = max;
    this.#onGap = onGap;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  push(message: T): void {
    if (this.#isEnded) {
      return;
    }
    const step: Step<T> = { done: false, value: message };
    if (this.#reader) {
      this.#answer(step);
    } else if (this.#waiting.length >= this.#max) {
      this.gap();
    } else {
      this.#waiting.push(step);
    }
  }

  /** What waits is older than the gap, so the gap stands for it too. */
  gap(): void {
    if (this.#isEnded) {
      return;
    }
    this.#waiting = [];
    this.#hasGap = true;
    if (this.#reader) {
      this.#tellGap();
    }
  }

  next(): Promise<Step<T>> {
    if (this.#hasGap) {
      this.#tellGap();
    }
    const step = this.#waiting.shift();
    if (step) {
      return Promise.resolve(step);
    }
    if (this.#isEnded) {
      return Promise.resolve({ done: true, value: undefined });
    }
    if (this.#reader) {
      return Promise.reject(new Misuse("a stream has one reader: await next() before calling it again"));
    }
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  /** Ends at once; a reader that waits is told. */
  return(): Promise<Step<T>> {
    this.#isEnded = true;
    this.#waiting = [];
    this.#hasGap = false;
    this.#answer({ done: true, value: undefined });
    return Promise.resolve({ done: true, value: undefined });
  }

  #answer(step: Step<T>): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(step);
  }

  #tellGap(): void {
    this.#hasGap = false;
    this.#onGap();
  }
}
