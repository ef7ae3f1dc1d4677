import type { CoreContext } from "../context.ts";
import type { Duration } from "../duration.ts";
import type { HeldLock, HeldLockRecord } from "./held-lock.ts";
import { LeasedLocks } from "./leased-locks.ts";
import { FairLockStore, LockStore } from "./lock-store.ts";

export interface LockOptions {
  /**
   * How long Redis keeps the lock when its holder falls silent, a day at most; a living holder renews.
   * Default `"30s"`.
   */
  readonly lease?: Duration;
  /** How long `acquire` and `run` wait for a busy lock. Default `"10s"`; 0 tries once. */
  readonly wait?: Duration;
  /** How long a holder may keep renewing: a hung one must not hold for ever. Default `"10m"`. */
  readonly maxHold?: Duration;
}

export interface FairLockOptions extends LockOptions {
  /**
   * Who began to wait first comes first, over all processes; `tryAcquire` gets nothing while somebody waits.
   * A waiter that Redis has not heard of for 3 s (it was killed or stood still) loses its place. Every user of
   * the lock must say so: one that does not still excludes and is excluded, and pushes in. Default false.
   */
  readonly fair?: boolean;
}

export interface AcquireOptions {
  /** Instead of the lock's own `wait`. */
  readonly wait?: Duration;
  /** Ends the waiting. In `run` it also reaches the work. */
  readonly signal?: AbortSignal;
}

/** What `run` hands to the work. */
export interface LockedWork {
  /** See `HeldLock.signal`. Stop when it aborts. */
  readonly signal: AbortSignal;
  /** See `HeldLock.token`. Give it to what the lock protects. */
  readonly token: bigint;
}

/**
 * Mutual exclusion by a lease in Redis. While Redis lives and no clock jumps, at most one holder at a time;
 * nobody but the holder can renew or release. Not promised: exclusion across a failover, an emptied Redis or
 * a paused holder. Where a second run would corrupt data, hand `token` to what is protected and let it refuse
 * lower ones (https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html); tokens rise across
 * all of these, as far as the server's clock does or an `EpochStore` remembers.
 *
 * Waiters are woken by a message when the lock is freed, and look by themselves now and then (jittered,
 * every second at most) and when a lease ends. Who comes next is not promised, except
 * with `fair`. Without Redis every method
 * throws `RedisUnavailable` or `OutcomeUnknown`: nothing is locked.
 *
 * @example
 * await core.lock("invoice-42").run(async ({ signal, token }) => {
 *   await writeInvoice({ signal, fence: token });
 * });
 */
export interface Lock {
  /** One attempt, one round trip. `null` when busy. */
  tryAcquire(options?: { readonly signal?: AbortSignal }): Promise<HeldLock | null>;
  /**
   * Waits for the lock. A free one takes one round trip.
   *
   * @throws {LockTimeout} when it stayed busy for `wait`, or the signal's reason.
   */
  acquire(options?: AcquireOptions): Promise<HeldLock>;
  /**
   * Waits for the lock, runs the work, releases. Gives what the work returned or threw, whatever becomes of
   * the release; a lock lost on the way shows in the work's signal only.
   */
  run<R>(work: (locked: LockedWork) => Promise<R> | R, options?: AcquireOptions): Promise<R>;
  /**
   * Goes on holding a lock that another process wrote down with `toJSON()`, with a new `maxHold`. One round
   * trip. `null` when it ended meanwhile.
   */
  restore(record: HeldLockRecord): Promise<HeldLock | null>;
}

/** See `Lock`. Costs nothing until used. */
export function createLock(context: CoreContext, name: string, options: FairLockOptions = {}): Lock {
  const store = options.fair ? new FairLockStore(context, name) : new LockStore(context, name);
  return new LeasedLocks(context, store, options);
}
