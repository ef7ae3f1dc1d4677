/**
 * What this process knows of its hold of a consumer, by its own steady clock: reckoned from before the call that
 * took it, so that it ends here before it can end in Redis.
 */
export class ConsumerLease {
  readonly #leaseMs: number;
  readonly #onEnd: () => void;
  #hold: AbortController | undefined;
  #ending: NodeJS.Timeout | undefined;

  constructor(leaseMs: number, onEnd: () => void) {
    this.#leaseMs = leaseMs;
    this.#onEnd = onEnd;
  }

  /** Aborted when the hold is lost. Undefined: not held. */
  get signal(): AbortSignal | undefined {
    return this.#hold?.signal;
  }

  /** Redis has granted or extended it, by a call sent at `sentAtMs` (`performance.now`). */
  extend(sentAtMs: number): void {
    const leftMs = sentAtMs + this.#leaseMs * 0.8 - performance.now();
    if (leftMs <= 0) {
      this.lose();
      return;
    }
    this.#hold ??= new AbortController();
    clearTimeout(this.#ending);
    this.#ending = setTimeout(() => this.lose(), leftMs);
    this.#ending.unref();
  }

  lose(): void {
    clearTimeout(this.#ending);
    const hold = this.#hold;
    this.#hold = undefined;
    if (hold) {
      hold.abort(new DOMException("the consumer's lease was lost", "AbortError"));
      this.#onEnd();
    }
  }
}
