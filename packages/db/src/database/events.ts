/** What a database handle reports about itself, for logs and metrics. */
export type DatabaseEvent =
  /** A commit was made: how many writes it carried, and how long they and the commit took. */
  | { type: "commit"; writes: number; durationMs: number }
  /** The write lock was with another process; we try again. */
  | { type: "busy"; attempt: number }
  /** A callback held the event loop for longer than 50 ms. */
  | { type: "slow"; kind: "read" | "write"; durationMs: number };

export type OnDatabaseEvent = (event: DatabaseEvent) => void;

export const SLOW_CALLBACK_MS = 50;
