import type { Clock } from "../clock.ts";

const firstMs = 100;
const longestMs = 2_000;

/**
 * Keeps calls away from a Redis that does not answer, so that not each of them waits for its deadline. After
 * a pause that doubles up to 2 s, one caller tries again.
 */
export class OutageGate {
  readonly #clock: Clock;
  #pauseMs = 0;
  #closedUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether Redis may be asked. The caller that is let through while it is down is the probe. */
  enter(): boolean {
    if (this.#pauseMs === 0) {
      return true;
    }
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#closedUntilMs) {
      return false;
    }
    this.#closedUntilMs = nowMs + this.#pauseMs;
    return true;
  }

  succeeded(): void {
    this.#pauseMs = 0;
  }

  failed(): void {
    this.#pauseMs = Math.min(longestMs, this.#pauseMs === 0 ? firstMs : this.#pauseMs * 2);
    const jitter = 0.75 + Math.random() / 2; // jitter: processes must not probe together
    this.#closedUntilMs = this.#clock.nowMs() + this.#pauseMs * jitter;
  }
}
