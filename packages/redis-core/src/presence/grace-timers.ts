/** One timer a room, for the grace that is over first. */
export class GraceTimers {
  readonly #timers = new Map<string, { readonly timer: NodeJS.Timeout; readonly dueMs: number }>();
  readonly #onDue: (room: string) => void;

  constructor(onDue: (room: string) => void) {
    this.#onDue = onDue;
  }

  has(room: string): boolean {
    return this.#timers.has(room);
  }

  rooms(): string[] {
    return [...this.#timers.keys()];
  }

  set(room: string, delayMs: number): void {
    const dueMs = performance.now() + delayMs;
    const existing = this.#timers.get(room);
    if (existing && existing.dueMs <= dueMs) {
      return;
    }
    clearTimeout(existing?.timer);
    const timer = setTimeout(() => {
      this.#timers.delete(room);
      this.#onDue(room);
    }, Math.max(1, delayMs) + 1);
    timer.unref();
    this.#timers.set(room, { timer, dueMs });
  }

  clear(): void {
    for (const { timer } of this.#timers.values()) {
      clearTimeout(timer);
    }
    this.#timers.clear();
  }
}
