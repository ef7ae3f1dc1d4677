import type { Duration } from "../duration.ts";

/** A held lock as plain data, to hand it to another process. Whoever knows it can renew and release. */
export interface HeldLockRecord {
  /** The lock's name; of several locks, a JSON array of their names. */
  readonly name: string;
  /** The secret name of the holder. */
  readonly holder: string;
  /** The fencing token, in decimal. */
  readonly token: string;
}

/** A lock this process holds. Renewed by itself until released, lost, or held for `maxHold`. */
export interface HeldLock {
  /**
   * The fencing token: rises with every grant of this lock. Give it to whatever the lock protects, and let
   * that refuse a token lower than the highest it has seen: only this excludes a holder that was paused past
   * its lease.
   */
  readonly token: bigint;
  /**
   * Aborts, with a `LockLost`, at least 20 % of the lease before the lease can end, judged by this process's
   * monotonic clock from before the grant was asked for. A process that is paused hears of it when it wakes: in
   * the first turn of its event loop, or at once where it reads this property.
   */
  readonly signal: AbortSignal;
  /**
   * Whether the lease is certain now: false from the moment the signal aborts, or should, and after `release`.
   * Asks the clock only, no round trip; a pause right after it shows nowhere but in the fencing token.
   */
  readonly isHeld: boolean;
  /**
   * Makes the lease last `lease` from now (default: the lock's own), `maxHold` at most. One round trip.
   *
   * @throws {LockLost} when it is not held any more.
   * @throws {RedisUnavailable} or {OutcomeUnknown} without Redis; the lease may still be held.
   */
  extend(lease?: Duration): Promise<void>;
  /**
   * Frees the lock. One round trip; a lost reply is answered by asking again, which is safe. Later calls
   * give the first call's outcome.
   *
   * @returns whether it was held until now. False: the lease had ended before, so somebody else may have
   *   worked meanwhile. (After a lost reply it is false too if somebody else holds it already.)
   * @throws {RedisUnavailable} or {OutcomeUnknown} without Redis. It is then freed in the background as soon as
   *   Redis answers, or ends with its lease.
   */
  release(): Promise<boolean>;
  toJSON(): HeldLockRecord;
  /** Releases. A Redis that is away is no error here: see `release`. */
  [Symbol.asyncDispose](): Promise<void>;
}
