import type { Clock } from "./clock.ts";

export interface OutageGateOptions {
  /** Failures in a row that close the gate. Default 1. */
  readonly closesAfter?: number;
  /** First pause of a closed gate; it doubles with each failed try. Default 100 ms. */
  readonly firstPauseMs?: number;
  /** Default 2000 ms. */
  readonly longestPauseMs?: number;
}

/**
 * Keeps calls away from a Redis that does not answer, so that not each of them waits for its deadline. While
 * the gate is closed, one caller a pause is let through and tries.
 */
export class OutageGate {
  readonly #clock: Clock;
  readonly #closesAfter: number;
  readonly #firstPauseMs: number;
  readonly #longestPauseMs: number;
  #failures = 0;
  #closedAtMs = 0;
  #pauseMs = 0;

  constructor(clock: Clock, options: OutageGateOptions = {}) {
    this.#clock = clock;
    this.#closesAfter = options.closesAfter ?? 1;
    this.#firstPauseMs = options.firstPauseMs ?? 100;
    this.#longestPauseMs = options.longestPauseMs ?? 2_000;
  }

  /** Whether Redis may be asked. The caller that is let through while it is down is the probe. */
  enter(): boolean {
    if (this.#failures < this.#closesAfter) {
      return true;
    }
    const nowMs = this.#clock.nowMs();
    // A clock that went back opens the gate rather than keeping it shut.
    if (nowMs >= this.#closedAtMs && nowMs < this.#closedAtMs + this.#pauseMs) {
      return false;
    }
    this.#closedAtMs = nowMs;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
    const doublings = Math.min(Math.max(0, this.#failures - this.#closesAfter), 20);
    const pauseMs = Math.min(this.#longestPauseMs, this.#firstPauseMs * 2 ** doublings);
    const jitter = 1 - Math.random() / 4; // jitter: processes must not probe together
    this.#pauseMs = pauseMs * jitter;
    this.#closedAtMs = this.#clock.nowMs();
  }
}
