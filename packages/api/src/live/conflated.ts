/**
 * Calls at most once in so many milliseconds: at once, and once more at the end for all that came meanwhile. So the
 * last change is always told, and a crowd of them costs two calls.
 */
export class Conflated {
  readonly #call: () => void;
  readonly #everyMs: number;
  #pause: NodeJS.Timeout | undefined;
  #isDue = false;

  constructor(call: () => void, everyMs: number) {
    this.#call = call;
    this.#everyMs = everyMs;
  }

  /** Nothing was called for a while, and nothing is due. */
  get isIdle(): boolean {
    return this.#pause === undefined;
  }

  readonly ring = (): void => {
    if (this.#pause !== undefined) {
      this.#isDue = true;
      return;
    }
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      if (this.#isDue) {
        this.#isDue = false;
        this.ring();
      }
    }, this.#everyMs);
    this.#pause.unref();
    this.#call();
  };

  stop(): void {
    clearTimeout(this.#pause);
    this.#isDue = false;
  }
}
