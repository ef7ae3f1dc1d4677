/** What one stream sleeps on. A ring while it is awake is kept for its next wait, so none is lost. */
export class Wakeup {
  #isRung = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#isRung = true;
    this.#wake?.();
  };

  /** Resolves at a ring or at the signal's abort. Never rejects. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#isRung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          signal.removeEventListener("abort", done);
          this.#wake = undefined;
          resolve();
        };
        signal.addEventListener("abort", done, { once: true });
        this.#wake = done;
      });
    }
    this.#isRung = false;
  }
}
