/** What one stream sleeps on. A ring while it is awake is kept for its next wait, so none is lost. */
export class Wakeup {
  #isRung = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#isRung = true;
    this.#wake?.();
  };

  /** Resolves at a ring, at the signal's abort, or after `timeoutMs`. Never rejects. */
  async wait(signal: AbortSignal, timeoutMs?: number): Promise<void> {
    if (!this.#isRung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          this.#wake = undefined;
          resolve();
        };
        const timer = timeoutMs === undefined ? undefined : setTimeout(done, timeoutMs);
        signal.addEventListener("abort", done, { once: true });
        this.#wake = done;
      });
    }
    this.#isRung = false;
  }
}

/** Resolves after `ms`, or earlier at the signal's abort. Never rejects. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) {
    await new Wakeup().wait(signal, ms);
  }
}
