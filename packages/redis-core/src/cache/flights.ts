/** How a flight ended, for those on board. */
export interface Landing<R> {
  readonly result: R;
  /**
   * Whether the result also serves callers who boarded after Redis was asked: only if it was proven current
   * after that. A hit was read, and a fenced load made, before an invalidation those callers may know of.
   */
  readonly forAll: boolean;
}

export interface Flight {
  /** To be called when Redis is about to be asked: whoever boards from now on is late. */
  depart(): void;
  /** To be called when the result is about to be proven: nobody boards from now on. */
  closeDoors(): void;
}

interface Boarding<R> {
  departed: boolean;
  landing: Promise<Landing<R>>;
}

/**
 * One call per key at a time within the process; callers that come meanwhile share its end, unless it might
 * be older than their call: those fly again, together. So coalescing never shows a value that was
 * invalidated before the call began.
 */
export class Flights<R> {
  readonly #underWay = new Map<string, Boarding<R>>();

  async join(key: string, fly: (flight: Flight) => Promise<Landing<R>>): Promise<R> {
    for (;;) {
      const existing = this.#underWay.get(key);
      if (!existing) {
        return (await this.#start(key, fly).landing).result;
      }
      const late = existing.departed;
      const { result, forAll } = await existing.landing;
      if (!late || forAll) {
        return result;
      }
    }
  }

  /** Later callers start anew; those on board stay. */
  forget(key: string): void {
    this.#underWay.delete(key);
  }

  forgetAll(): void {
    this.#underWay.clear();
  }

  #start(key: string, fly: (flight: Flight) => Promise<Landing<R>>): Boarding<R> {
    const closeDoors = () => {
      if (this.#underWay.get(key) === boarding) {
        this.#underWay.delete(key);
      }
    };
    const depart = () => {
      boarding.departed = true;
    };
    // One turn of the microtask queue, in which all who waited for the previous flight come on board.
    const landing = Promise.resolve().then(() => fly({ depart, closeDoors }));
    const boarding: Boarding<R> = { departed: false, landing };
    this.#underWay.set(key, boarding);
    landing.then(closeDoors, closeDoors);
    return boarding;
  }
}
