import { Wakeup } from "./wakeup.ts";

/** So many frames are held at most, of whatever number of lanes. */
const MOST_HELD = 8;
/** Who was let in has this long to bring his frame; then his place is another's. */
const GRANT_MS = 5;

/** One source's way into a merge. */
export class Lane<Frame> {
  readonly #merge: FrameMerge<Frame>;
  /** One of its frames has not been taken yet. */
  isHeld = false;
  /** Called when `canTake` had to refuse and there may be room again. */
  onRoom: (() => void) | undefined;

  constructor(merge: FrameMerge<Frame>) {
    this.#merge = merge;
  }

  /** Whether there is room for a frame of this lane now. If not, `onRoom` is called when there may be. */
  canTake(): boolean {
    return this.#merge.admits(this);
  }

  /** Takes a frame. What only says how the lane stands may be put without asking. */
  put(frame: Frame): void {
    this.#merge.hold(this, frame);
  }

  /** Resolves when there is room, or at the signal's abort. */
  async room(signal: AbortSignal): Promise<void> {
    const wakeup = new Wakeup();
    this.onRoom = wakeup.ring;
    while (!signal.aborted && !this.canTake()) {
      await wakeup.wait(signal);
    }
  }

  /** Nothing comes on it any more. */
  close(): void {
    this.#merge.close(this);
  }
}

/**
 * Merges many lanes into one stream of batches. A lane has one frame in it at most and all together eight, so a reader
 * that takes nothing costs eight frames; who was refused first is asked first, so no busy lane starves another. No
 * frame is asked for while a batch is being taken, and no more than eight at a time, since each may have to be read.
 */
export class FrameMerge<Frame> {
  readonly #lanes = new Set<Lane<Frame>>();
  readonly #waiting = new Set<Lane<Frame>>();
  /** Let in, and not here yet. */
  readonly #granted = new Set<Lane<Frame>>();
  #timer: NodeJS.Timeout | undefined;
  readonly #arrival = new Wakeup();
  #held: { readonly lane: Lane<Frame>; readonly frame: Frame }[] = [];
  #isBeingTaken = false;
  #failure: { readonly error: Error } | null = null;

  open(): Lane<Frame> {
    const lane = new Lane(this);
    this.#lanes.add(lane);
    return lane;
  }

  /** Ends the merge, and rejects whoever reads it. */
  fail(error: Error): void {
    this.#failure ??= { error };
    this.#arrival.ring();
  }

  admits(lane: Lane<Frame>): boolean {
    const isFree = this.#hasRoom() || this.#granted.has(lane);
    if (isFree && !lane.isHeld && !this.#isBeingTaken) {
      this.#granted.add(lane);
      this.#admitLater();
      return true;
    }
    this.#waiting.add(lane);
    this.#admitLater();
    return false;
  }

  hold(lane: Lane<Frame>, frame: Frame): void {
    lane.isHeld = true;
    this.#granted.delete(lane);
    this.#held.push({ lane, frame });
    this.#arrival.ring();
  }

  close(lane: Lane<Frame>): void {
    this.#lanes.delete(lane);
    this.#waiting.delete(lane);
    this.#granted.delete(lane);
    this.#arrival.ring();
  }

  /** What the lanes put, until all are closed or the signal aborts. */
  async *batches(signal: AbortSignal): AsyncGenerator<Frame[], void> {
    try {
      yield* this.#batches(signal);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  async *#batches(signal: AbortSignal): AsyncGenerator<Frame[], void> {
    while (!signal.aborted) {
      if (this.#failure !== null) {
        throw this.#failure.error;
      }
      const batch = this.#held;
      if (batch.length > 0) {
        this.#held = [];
        this.#isBeingTaken = true;
        yield batch.map(({ frame }) => frame);
        this.#isBeingTaken = false;
        for (const { lane } of batch) {
          lane.isHeld = false;
        }
        this.#admit();
      } else if (this.#lanes.size === 0) {
        return;
      } else {
        await this.#arrival.wait(signal);
        // What else comes in this turn of the event loop leaves together.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  #hasRoom(): boolean {
    return this.#held.length + this.#granted.size < MOST_HELD;
  }

  /** Asks those that were refused, in their order, while there is room. */
  #admit(): void {
    this.#granted.clear();
    const waiting = [...this.#waiting];
    for (const lane of waiting) {
      if (!this.#hasRoom()) {
        break;
      }
      this.#waiting.delete(lane);
      lane.onRoom?.();
    }
    this.#admitLater();
  }

  /** Whoever was let in and had nothing to say must not keep the others out. */
  #admitLater(): void {
    if (this.#timer === undefined && this.#waiting.size + this.#granted.size > 0) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        if (!this.#isBeingTaken && this.#held.length < MOST_HELD) {
          this.#admit();
        }
      }, GRANT_MS);
      this.#timer.unref();
    }
  }
}
