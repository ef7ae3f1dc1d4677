import type { Clock } from "../clock.ts";

/**
 * What time the Redis server has, as far as its answers have told. Only to name keys: every script checks by its
 * own clock, and says so when it disagrees.
 */
export class ServerTime {
  readonly #clock: Clock;
  #aheadMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs() + this.#aheadMs;
  }

  learn(serverNowMs: number): void {
    this.#aheadMs = serverNowMs - this.#clock.nowMs();
  }
}
