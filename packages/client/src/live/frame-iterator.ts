import type { Unsubscribable } from "@trpc/server/observable";

interface FrameHandlers<Frame> {
  onData(frame: Frame): void;
  onError(error: unknown): void;
  onComplete(): void;
}

export interface FrameIteratorOptions<Frame> {
  /** Opens the subscription after the frame of this id. */
  readonly open: (lastEventId: string | undefined, handlers: FrameHandlers<Frame>) => Unsubscribable;
  /** So many frames wait for the loop at most. */
  readonly most: number;
  readonly signal?: AbortSignal | undefined;
}

/** The frames of a subscription, for one `for await`. Leaving the loop ends the subscription. */
export interface LiveFrames<Frame> extends AsyncIterableIterator<Frame, void, void>, AsyncDisposable {
  next(): Promise<IteratorResult<Frame, void>>;
  return(): Promise<IteratorResult<Frame, void>>;
  [Symbol.asyncIterator](): LiveFrames<Frame>;
}

/**
 * Reads a subscription as an iterator with a bounded buffer. When the buffer is full the subscription is ended, and
 * opened again after the last buffered frame once the loop has taken them all: the server's log is the queue.
 */
export class FrameIterator<Frame extends { id: string }> implements LiveFrames<Frame> {
  readonly #options: FrameIteratorOptions<Frame>;
  readonly #buffer: Frame[] = [];
  readonly #waiting: PromiseWithResolvers<IteratorResult<Frame, void>>[] = [];
  #subscription: Unsubscribable | null = null;
  #lastId: string | undefined;
  #isOver = false;
  #failure: { readonly error: unknown } | null = null;
  /** What a subscription of before still says is not heard. */
  #opening = 0;

  constructor(options: FrameIteratorOptions<Frame>) {
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Frame, void>> {
    if (this.#options.signal?.aborted) this.#finish();
    const frame = this.#buffer.shift();
    if (frame) {
      if (this.#buffer.length === 0) this.#listen();
      return Promise.resolve({ done: false, value: frame });
    }
    if (this.#failure) {
      const { error } = this.#failure;
      this.#failure = null;
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    const waiting = Promise.withResolvers<IteratorResult<Frame, void>>();
    this.#waiting.push(waiting);
    this.#listen();
    return waiting.promise;
  }

  return(): Promise<IteratorResult<Frame, void>> {
    this.#finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #listen(): void {
    if (this.#isOver || this.#subscription) return;
    this.#options.signal?.addEventListener("abort", this.#finish, { once: true });
    this.#opening += 1;
    const opening = this.#opening;
    const ifCurrent =
      <Args extends unknown[]>(hear: (...args: Args) => void) =>
      (...args: Args) => {
        if (opening === this.#opening) hear(...args);
      };
    const subscription = this.#options.open(this.#lastId, {
      onData: ifCurrent((frame) => this.#onData(frame)),
      onError: ifCurrent((error) => this.#end({ error })),
      onComplete: ifCurrent(() => this.#end(null)),
    });
    if (opening === this.#opening) this.#subscription = subscription;
    else subscription.unsubscribe();
  }

  #onData(frame: Frame): void {
    this.#lastId = frame.id;
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting.resolve({ done: false, value: frame });
      return;
    }
    this.#buffer.push(frame);
    if (this.#buffer.length >= this.#options.most) this.#stopListening();
  }

  /** It ended by itself; what is buffered is still delivered. */
  #end(failure: { readonly error: unknown } | null): void {
    this.#stopListening();
    this.#isOver = true;
    this.#options.signal?.removeEventListener("abort", this.#finish);
    const first = failure ? this.#waiting.shift() : undefined;
    if (first) first.reject(failure?.error);
    else this.#failure = failure;
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }

  readonly #finish = (): void => {
    this.#buffer.length = 0;
    this.#end(null);
    this.#failure = null;
  };

  #stopListening(): void {
    this.#opening += 1;
    this.#subscription?.unsubscribe();
    this.#subscription = null;
  }
}
