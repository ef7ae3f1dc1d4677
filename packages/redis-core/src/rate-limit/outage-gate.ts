import type { Clock } from "../clock.ts";

const closesAfter = 3;
const closedMs = 1_000;

/**
 * Spares callers the deadline of a Redis that does not answer: after three failures in a row Redis is left
 * alone, but for one call a second that tries.
 */
export class OutageGate {
  readonly #clock: Clock;
  #failures = 0;
  #closedAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether this call may ask Redis. While the gate is closed, the one let through is the probe. */
  enter(): boolean {
    if (this.#failures < closesAfter) {
      return true;
    }
    const nowMs = this.#clock.nowMs();
    if (nowMs >= this.#closedAtMs && nowMs < this.#closedAtMs + closedMs) {
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
    this.#closedAtMs = this.#clock.nowMs();
  }
}
