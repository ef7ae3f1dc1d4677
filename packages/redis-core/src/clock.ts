/**
 * Where time comes from. In production every script asks the Redis server (`TIME`), so that processes
 * with differing clocks agree; a test hands in `manualClock`, and each script receives its time as the
 * first argument instead.
 */
export interface Clock {
  /** Milliseconds a script must use, or `null` for the server's own time. */
  overrideMs(): number | null;
  /** Local time in milliseconds, for what never leaves the process (L1 ages, block caches). */
  nowMs(): number;
}

export const serverClock: Clock = {
  overrideMs: () => null,
  nowMs: () => Date.now(),
};

export interface ManualClock extends Clock {
  advance(ms: number): void;
  set(ms: number): void;
}

/** A clock for tests that stands still until it is moved. */
export function manualClock(startMs = 1_750_000_000_000): ManualClock {
  let current = startMs;
  return {
    overrideMs: () => current,
    nowMs: () => current,
    advance(ms) {
      current += ms;
    },
    set(ms) {
      current = ms;
    },
  };
}
