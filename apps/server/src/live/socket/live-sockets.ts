import type { LiveSocket } from "./live-socket.ts";
import { PATIENCE, type SocketPatience } from "./patience.ts";

const LOOK_EVERY_MS = 2_500;

/** The open sockets of a server, and one timer that finds the dead among them. */
export class LiveSockets {
  readonly #all = new Set<LiveSocket>();
  readonly #patience: SocketPatience;
  readonly #lookEveryMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(patience: Partial<SocketPatience> = {}) {
    this.#patience = { ...PATIENCE, ...patience };
    this.#lookEveryMs = Math.min(LOOK_EVERY_MS, ...Object.values(this.#patience).map((ms) => ms / 4));
  }

  get size(): number {
    return this.#all.size;
  }

  get all(): readonly LiveSocket[] {
    return [...this.#all];
  }

  /** Bytes that readers have not taken yet. */
  get waiting(): number {
    let sum = 0;
    for (const { output } of this.#all) {
      sum += output.waiting;
    }
    return sum;
  }

  add(socket: LiveSocket): void {
    this.#all.add(socket);
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#look(), this.#lookEveryMs);
      this.#timer.unref();
    }
  }

  delete(socket: LiveSocket): void {
    this.#all.delete(socket);
    if (this.#all.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #look(): void {
    const nowMs = performance.now();
    for (const socket of this.#all) {
      socket.checkLife(nowMs, this.#patience);
    }
  }
}
