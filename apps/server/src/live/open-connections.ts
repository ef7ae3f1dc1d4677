/** A connection that is looked after. */
interface Connection {
  /** Bytes that its reader has not taken yet. */
  readonly waiting: number;
  /** Pings, ends or cuts it, where that is due. */
  checkLife(nowMs: number): void;
}

/** The open connections of one kind, and one timer that finds the quiet and the dead among them. */
export class OpenConnections<T extends Connection> {
  readonly #all = new Set<T>();
  readonly #lookEveryMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(lookEveryMs: number) {
    this.#lookEveryMs = lookEveryMs;
  }

  get size(): number {
    return this.#all.size;
  }

  get all(): readonly T[] {
    return [...this.#all];
  }

  /** Bytes that readers have not taken yet. */
  get waiting(): number {
    let sum = 0;
    for (const { waiting } of this.#all) {
      sum += waiting;
    }
    return sum;
  }

  add(connection: T): void {
    this.#all.add(connection);
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#look(), this.#lookEveryMs);
      this.#timer.unref();
    }
  }

  delete(connection: T): void {
    this.#all.delete(connection);
    if (this.#all.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #look(): void {
    const nowMs = performance.now();
    for (const connection of this.#all) {
      connection.checkLife(nowMs);
    }
  }
}
