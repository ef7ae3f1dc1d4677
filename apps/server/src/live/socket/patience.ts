/** How long a socket may be silent or stand still. */
export interface SocketPatience {
  /** A client that was quiet for this long is asked whether it is there. */
  readonly pingAfterMs: number;
  /** One that does not answer is cut. */
  readonly pongWithinMs: number;
  /** One that takes nothing of what waits for it is cut. */
  readonly stalledAfterMs: number;
}

export const PATIENCE: SocketPatience = { pingAfterMs: 20_000, pongWithinMs: 10_000, stalledAfterMs: 30_000 };
