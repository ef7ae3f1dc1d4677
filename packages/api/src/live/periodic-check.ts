import type { Log } from "../context/log.ts";

interface PeriodicCheckOptions {
  readonly what: string;
  readonly everyMs: () => number;
  readonly check: () => Promise<void>;
  /** Whether there is still something to check; `begin` starts it again. */
  readonly isNeeded: () => boolean;
  readonly log: Log;
}

/** Runs again and again, with jitter, while there is something to check. A check that fails is logged and repeated. */
export class PeriodicCheck {
  readonly #options: PeriodicCheckOptions;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: PeriodicCheckOptions) {
    this.#options = options;
  }

  begin(): void {
    if (this.#timer !== undefined || this.#isClosed) {
      return;
    }
    const { what, everyMs, check, isNeeded, log } = this.#options;
    this.#timer = setTimeout(() => {
      check()
        .catch((error: unknown) => log.warn({ err: error }, `live: ${what} could not be checked`))
        .finally(() => {
          this.#timer = undefined;
          if (isNeeded()) {
            this.begin();
          }
        });
    }, everyMs() * (0.8 + Math.random() * 0.4)); // jitter
    this.#timer.unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
