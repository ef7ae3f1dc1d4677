import type { Clock } from "../clock.ts";

/**
 * What time the Redis server has, as far as its answers have told, and how old things of this process are. Kept by
 * the monotonic clock, so that a step of the machine's own changes neither. Only to name keys: every script checks by
 * its own clock, and says so when it disagrees.
 */
export class ServerTime {
  readonly #clock: Clock;
  #aheadMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#aheadMs = clock.nowMs() - this.localMs();
  }

  /** Milliseconds that only ever rise, from no certain start. A test's clock stands in for them. */
  localMs(): number {
    return this.#clock.overrideMs() ?? performance.now();
  }

  nowMs(): number {
    return this.localMs() + this.#aheadMs;
  }

  /** What the server's time is ahead of the local milliseconds. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  learn(serverNowMs: number): void {
    this.#aheadMs = serverNowMs - this.localMs();
  }
}
