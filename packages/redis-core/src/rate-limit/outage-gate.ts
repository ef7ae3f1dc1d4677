import type { Clock } from "../clock.ts";

const closesAfter = 3;
const closedMs = 1_000;

/**
 * Spares callers the deadline of a Redis that does not answer: after three failures in a row, Redis is not
 * asked for a second.
 */
export class OutageGate {
  readonly #clock: Clock;
  #failures = 0;
  #closedAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isClosed(): boolean {
    const passedMs = this.#clock.nowMs() - this.#closedAtMs;
    return this.#failures >= closesAfter && passedMs >= 0 && passedMs < closedMs;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
    this.#closedAtMs = this.#clock.nowMs();
  }
}
