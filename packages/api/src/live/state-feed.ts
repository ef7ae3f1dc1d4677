import type { Feed, FrameSink } from "./frame-sink.ts";

export interface StateFrame<Frame> {
  readonly id: string;
  readonly frame: Frame;
  /** Nothing comes after it. */
  readonly isLast?: boolean;
}

interface StateFeedOptions<Frame> {
  /** Frames are at least this far apart; what happens in between is left out. */
  readonly everyMs: number;
  /** How it stands now. Null: as the sink has it already. Rejecting ends the stream. */
  readonly read: () => Promise<StateFrame<Frame> | null>;
  /** Called once, at the end. */
  readonly release: () => void;
}

/**
 * The latest value of something, conflated: a change makes it stale, and it is read when the sink can take a frame and
 * the last one is old enough. A slow sink gets fewer frames, never a queue. Idle, it holds no timer and no promise.
 */
export class StateFeed<Frame> implements Feed {
  readonly #sink: FrameSink<Frame>;
  readonly #options: StateFeedOptions<Frame>;
  #isStale = true;
  #isReading = false;
  #hasStopped = false;
  #pause: NodeJS.Timeout | undefined;

  constructor(sink: FrameSink<Frame>, options: StateFeedOptions<Frame>) {
    this.#sink = sink;
    this.#options = options;
  }

  /** It changed, or may have. */
  readonly wake = (): void => {
    this.#isStale = true;
    this.resume();
  };

  resume(): void {
    const isIdle = !this.#isReading && !this.#hasStopped && this.#pause === undefined;
    if (this.#isStale && isIdle && this.#sink.canTake()) {
      this.#isStale = false;
      this.#isReading = true;
      this.#options.read().then(
        (read) => this.#give(read),
        (error: unknown) => this.#sink.end(error instanceof Error ? error : new Error("no state", { cause: error })),
      );
    }
  }

  stop(): void {
    if (!this.#hasStopped) {
      this.#hasStopped = true;
      clearTimeout(this.#pause);
      this.#options.release();
    }
  }

  #give(read: StateFrame<Frame> | null): void {
    this.#isReading = false;
    if (this.#hasStopped) {
      return;
    }
    if (read !== null) {
      this.#pause = setTimeout(() => {
        this.#pause = undefined;
        this.resume();
      }, this.#options.everyMs);
      this.#pause.unref();
      this.#sink.take(read.id, read.frame);
      if (read.isLast === true) {
        this.#sink.end(null);
        return;
      }
    }
    this.resume();
  }
}
