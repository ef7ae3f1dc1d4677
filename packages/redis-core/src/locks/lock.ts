import type { CoreContext } from "../context.ts";
import type { Duration } from "../duration.ts";
import { Misuse } from "../errors.ts";
import { FairLockStore } from "./fair-lock-store.ts";
import type { HeldLock, HeldLockRecord } from "./held-lock.ts";
import { LeasedLocks } from "./leased-locks.ts";
import type { LockState } from "./lock-state.ts";
import { LockStore } from "./lock-store.ts";
import { SpreadLocksStore } from "./spread-locks-store.ts";

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
  /**
   * Who holds it, for `inspect`: a host and process id, say. 1 to 64 letters, digits or `_.:@/-`. Default: nobody
   * can tell.
   */
  readonly owner?: string;
  /**
   * Replicas that must have a grant or renewal before it counts, so that a failover to one of them cannot forget
   * it. One that fewer acknowledge within the port's deadline fails with `OutcomeUnknown` and is given back.
   * Costs a `WAIT`, which also holds up what comes after it on the connection. Default 0.
   */
  readonly replicas?: number;
}

export interface FairLockOptions extends LockOptions {
  /**
   * Who began to wait first comes first, over all processes; `tryAcquire` gets nothing while somebody waits.
   * A waiter that Redis has not heard of for 3 s (it was killed or stood still) loses its place. Every user of
   * the lock must say so: one that does not still excludes and is excluded, and pushes in. Not for several names.
   * Default false.
   */
  readonly fair?: boolean;
}

export interface TryOptions {
  /** Gives the attempt up. */
  readonly signal?: AbortSignal;
  /**
   * The lock as the caller holds it already (or several that include it), or what `run` gave to the work: then it is
   * entered again, at no round trip, and the one who took it releases it. Otherwise a holder waits for itself. A
   * reader cannot enter as a writer.
   */
  readonly within?: HeldLock | LockedWork;
}

export interface AcquireOptions extends TryOptions {
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
  /** See `HeldLock.isHeld`. Look at it after long work that does not await, and before what cannot be undone. */
  readonly isHeld: boolean;
}

/**
 * Mutual exclusion by a lease in Redis. While Redis lives and no clock jumps, at most one holder at a time;
 * nobody but the holder can renew or release. Not promised: exclusion across a failover, an emptied Redis or
 * a paused holder. Where a second run would corrupt data, hand `token` to what is protected and let it refuse
 * lower ones (https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html); tokens rise across
 * all of these, as far as the server's clock does or an `EpochStore` remembers.
 *
 * Waiters are woken by a message when the lock is freed, and look by themselves now and then (jittered,
 * every second at most) and when a lease ends. Who comes next is not promised, except with `fair`. A holder enters its
 * own lock again by `within`. Without Redis every method throws `RedisUnavailable` or `OutcomeUnknown`: nothing is
 * locked.
 *
 * @example
 * await core.lock("invoice-42").run(async ({ signal, token }) => {
 *   await writeInvoice({ signal, fence: token });
 * });
 */
export interface Lock {
  /** One attempt, one round trip. `null` when busy, or when it was granted so late that half of the lease was over. */
  tryAcquire(options?: TryOptions): Promise<HeldLock | null>;
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
  /** Who holds it, until when, and whether somebody waits. One round trip. For operators, never a reason to go ahead. */
  inspect(): Promise<LockState>;
  /**
   * Ends the leases of all holders, for an operator who knows better. One round trip. A holder hears of it at its
   * next renewal, within a third of its lease, and may work until then: only the fencing token, higher for the
   * next one, keeps its writes out.
   *
   * @returns how many leases were ended.
   */
  forceRelease(): Promise<number>;
}

/** A lock of several names takes that many at most. */
const mostNames = 64;

/**
 * See `Lock`. Costs nothing until used.
 *
 * With several names the holder has all of them or none, and one token that is higher than all before, of each
 * name. On one node, and on a Cluster for names that share a slot, that is one script, one round trip. On a
 * Cluster otherwise: one round trip a slot, one after the other in an order that is the same everywhere, and a last
 * one for all; when a name is busy those before it are given back, so nobody waits while holding, nobody
 * deadlocks, and others may find a name busy for a moment. Who wants many busy names may wait for long: the names
 * must be free at the same time.
 *
 * @throws {Misuse} for a name that is empty, no names, or more than 64.
 */
export function createLock(
  context: CoreContext,
  name: string | readonly string[],
  options: FairLockOptions = {},
): Lock {
  return new LeasedLocks(context, createStore(context, name, options), options);
}

function createStore(context: CoreContext, name: string | readonly string[], options: FairLockOptions) {
  const { fair = false } = options;
  const replicas = checkReplicas(options);
  if (typeof name === "string") {
    return fair ? new FairLockStore(context, name, replicas) : new LockStore(context, [name], replicas);
  }
  const names = [...new Set(name)].toSorted();
  if (names.length === 0 || names.length > mostNames) {
    throw new Misuse(`a lock has 1 to ${mostNames} names, got ${names.length}`);
  }
  if (fair) {
    throw new Misuse("a lock of several names cannot be fair");
  }
  if (context.state.capabilities.topology === "cluster") {
    const slots = new Set(names.map((each) => context.state.slotOf(context.keys.lock.state(each))));
    if (slots.size > 1) {
      return new SpreadLocksStore(context, names, replicas);
    }
  }
  return new LockStore(context, names, replicas);
}

/** @throws {Misuse} when it is no whole number. */
export function checkReplicas({ replicas = 0 }: LockOptions): number {
  if (!Number.isInteger(replicas) || replicas < 0) {
    throw new Misuse(`replicas must be a whole number of at least 0, got ${replicas}`);
  }
  return replicas;
}
