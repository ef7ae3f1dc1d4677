import type { Duration } from "../duration.ts";
import { Misuse } from "../errors.ts";
import type { HeldLock, HeldLockRecord } from "./held-lock.ts";
import type { LeaseStore } from "./lease-store.ts";
import { LeasedLock } from "./leased-lock.ts";
import { LockLost } from "./lock-errors.ts";
import type { LockedWork } from "./lock.ts";

/**
 * The lock again, for somebody inside of work that holds it. No round trip.
 *
 * @throws {Misuse} when what is held is not this lock, or only its reading side.
 * @throws {LockLost} when it is not held any more.
 */
export function joinLease(within: HeldLock | LockedWork, store: LeaseStore): HeldLock {
  const lease = leaseOf(within);
  const covers = lease && store.epochNames.every((name) => lease.store.epochNames.includes(name));
  if (!covers || (lease.store.isShared && !store.isShared)) {
    throw new Misuse(`what is given as \`within\` does not hold lock "${store.name}"`);
  }
  if (!lease.isHeld) {
    const { reason } = lease.signal;
    throw reason instanceof LockLost ? reason : new LockLost(store.name, "it was released");
  }
  return new JoinedLock(lease);
}

function leaseOf(within: HeldLock | LockedWork): LeasedLock | undefined {
  if (within instanceof Locked || within instanceof JoinedLock) {
    return within.lease;
  }
  return within instanceof LeasedLock ? within : undefined;
}

/** What `run` hands to the work; the signal is made for those who ask for it. */
export class Locked implements LockedWork {
  readonly lease: LeasedLock | undefined;
  readonly #held: HeldLock;
  readonly #outer: AbortSignal | undefined;
  #signal: AbortSignal | undefined;

  constructor(held: HeldLock, outer: AbortSignal | undefined) {
    this.lease = leaseOf(held);
    this.#held = held;
    this.#outer = outer;
  }

  get signal(): AbortSignal {
    const { signal } = this.#held;
    this.#signal ??= this.#outer ? AbortSignal.any([signal, this.#outer]) : signal;
    return this.#signal;
  }

  get token(): bigint {
    return this.#held.token;
  }

  get isHeld(): boolean {
    return this.#held.isHeld;
  }
}

/** A lease that belongs to somebody further out, who releases it. */
class JoinedLock implements HeldLock {
  readonly lease: LeasedLock;

  constructor(lease: LeasedLock) {
    this.lease = lease;
  }

  get token(): bigint {
    return this.lease.token;
  }

  get signal(): AbortSignal {
    return this.lease.signal;
  }

  get isHeld(): boolean {
    return this.lease.isHeld;
  }

  extend(lease?: Duration): Promise<void> {
    return this.lease.extend(lease);
  }

  release(): Promise<boolean> {
    return Promise.resolve(this.lease.isHeld);
  }

  toJSON(): HeldLockRecord {
    return this.lease.toJSON();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
