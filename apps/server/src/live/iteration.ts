interface IterationSink {
  /** Aborted when nobody wants more. */
  readonly signal: AbortSignal;
  canTake(): boolean;
  send(value: unknown): void;
}

/** Sends what an iterable yields, one value after the other; none is asked for before the sink can take it. */
export class Iteration {
  readonly #sink: IterationSink;
  #onRoom: (() => void) | undefined;

  constructor(sink: IterationSink) {
    this.#sink = sink;
  }

  /** The sink can take more again. */
  resume(): void {
    this.#onRoom?.();
  }

  /** Resolves at the end or the signal's abort; rejects as the iterable does. */
  async run(iterable: AsyncIterable<unknown>): Promise<void> {
    const { signal } = this.#sink;
    const iterator = iterable[Symbol.asyncIterator]();
    const letGo = () => {
      this.#onRoom?.();
      void iterator.return?.().catch(() => undefined);
    };
    if (signal.aborted) {
      letGo();
      return;
    }
    signal.addEventListener("abort", letGo, { once: true });
    try {
      for (let next = await iterator.next(); !next.done && !signal.aborted; next = await iterator.next()) {
        this.#sink.send(next.value);
        while (!signal.aborted && !this.#sink.canTake()) {
          await new Promise<void>((resolve) => {
            this.#onRoom = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener("abort", letGo);
    }
  }
}
