/** How long a connection may be silent or stand still. */
export interface Patience {
  /** A WebSocket's client that was quiet for this long is asked whether it is there. */
  readonly pingAfterMs: number;
  /** One that does not answer is cut. */
  readonly pongWithinMs: number;
  /** A reader that takes nothing of what waits for it is cut. */
  readonly stalledAfterMs: number;
}

const DEFAULT: Patience = { pingAfterMs: 20_000, pongWithinMs: 10_000, stalledAfterMs: 30_000 };
const LOOK_EVERY_MS = 2_500;

export function toPatience(options: Partial<Patience>): Patience {
  return { ...DEFAULT, ...options };
}

/** How often connections must be looked at for that. */
export function lookEveryMs(patience: Patience): number {
  return Math.min(LOOK_EVERY_MS, ...Object.values(patience).map((ms: number) => ms / 4));
}

/** Notices a reader that takes nothing, by being asked now and then. */
export class Progress {
  #takenBytes = 0;
  #atMs = performance.now();

  /** For how long nothing was taken, from what was ever written and what of it still waits. */
  stalledForMs(nowMs: number, writtenBytes: number, waitingBytes: number): number {
    const takenBytes = writtenBytes - waitingBytes;
    if (takenBytes !== this.#takenBytes || waitingBytes === 0) {
      this.#takenBytes = takenBytes;
      this.#atMs = nowMs;
    }
    return nowMs - this.#atMs;
  }
}
