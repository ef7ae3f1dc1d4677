import type { CoreContext } from "../context.ts";
import { type Duration, toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";
import type { LeaseStore } from "./lease-store.ts";
import { LockLost } from "./lock-errors.ts";

/** A held lock as plain data, to hand it to another process. Whoever knows it can renew and release. */
export interface HeldLockRecord {
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
   * monotonic clock from before the grant was asked for. A process that is paused hears of it when it wakes.
   */
  readonly signal: AbortSignal;
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
   */
  release(): Promise<boolean>;
  toJSON(): HeldLockRecord;
  /** Releases. A Redis that is away is no error here: the lease ends by itself. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Lease extends HeldLockRecord {
  readonly store: Pick<LeaseStore, "renew" | "release">;
  readonly leaseMs: number;
  readonly maxHoldMs: number;
  /** `performance.now()` from before the grant was asked for. */
  readonly askedAt: number;
}

/** The part of a lease that must still be ahead for work to go on. */
const marginShare = 0.2;
const longestLeaseMs = 86_400_000;

/** Renews a lease, tells when it is no longer certain, and gives it back. */
export class LeasedLock implements HeldLock {
  readonly token: bigint;
  readonly signal: AbortSignal;
  readonly #context: CoreContext;
  readonly #lease: Lease;
  readonly #holdEndsAt: number;
  readonly #lost = new AbortController();
  /** Renewals and the release run one after the other, so that none overtakes another. */
  #turn: Promise<unknown> = Promise.resolve();
  /** `performance.now()` of the moment from which the lease may end too soon. */
  #abortAt = 0;
  #renewTimer: NodeJS.Timeout | undefined;
  #abortTimer: NodeJS.Timeout | undefined;
  #release: Promise<boolean> | undefined;

  constructor(context: CoreContext, lease: Lease) {
    this.#context = context;
    this.#lease = lease;
    this.token = BigInt(lease.token);
    this.signal = this.#lost.signal;
    this.#holdEndsAt = lease.askedAt + lease.maxHoldMs;
    this.#granted(lease.askedAt, lease.leaseMs);
  }

  async extend(duration?: Duration): Promise<void> {
    const ms = duration === undefined ? this.#lease.leaseMs : leaseToMs(duration);
    await this.#inTurn(() => this.#renew(ms));
    this.signal.throwIfAborted();
  }

  release(): Promise<boolean> {
    if (!this.#release) {
      this.#stopTimers();
      this.#release = this.#inTurn(() => this.#lease.store.release(this.#lease.holder));
    }
    return this.#release;
  }

  toJSON(): HeldLockRecord {
    const { name, holder, token } = this.#lease;
    return { name, holder, token };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      this.#context.telemetry.count("lock_release_failures_total");
      this.#context.telemetry.log("warn", "a lock could not be released; its lease will end by itself", {
        error,
      });
    }
  }

  async #renew(wantedMs: number): Promise<void> {
    const { name, store } = this.#lease;
    if (this.#release) {
      throw new LockLost(name, "it was released");
    }
    this.signal.throwIfAborted();
    const askedAt = performance.now();
    const ms = Math.floor(Math.min(wantedMs, this.#holdEndsAt - askedAt));
    if (ms < 1) {
      return;
    }
    if (await store.renew(this.#lease, ms, this.#renewWithinMs())) {
      this.#granted(askedAt, ms);
    } else {
      this.#lose("Redis says that it ended");
    }
  }

  #granted(askedAt: number, ms: number): void {
    const { leaseMs } = this.#lease;
    const endsAt = askedAt + ms;
    this.#abortAt = endsAt - Math.min(ms, leaseMs) * marginShare;
    if (this.#release || this.signal.aborted) {
      return;
    }
    this.#stopTimers();
    const now = performance.now();
    const isFinal = endsAt >= this.#holdEndsAt - 1;
    const why = isFinal ? "it was held for as long as maxHold allows" : "it could not be renewed in time";
    this.#abortTimer = setTimeout(() => this.#lose(why), Math.max(0, this.#abortAt - now));
    this.#abortTimer.unref();
    if (!isFinal) {
      // After a third of a lease; one that was extended further is not shortened.
      this.#renewLater(Math.max(0, endsAt - (Math.min(ms, leaseMs) * 2) / 3 - now));
    }
  }

  #renewLater(delayMs: number): void {
    this.#renewTimer = setTimeout(() => {
      this.#inTurn(() => this.#renew(this.#lease.leaseMs)).catch(() => {
        // Not sent or not answered: once more soon, until the abort timer says it is too late.
        if (!this.#release && !this.signal.aborted) {
          this.#renewLater(this.#lease.leaseMs / 10);
        }
      });
    }, delayMs);
    this.#renewTimer.unref();
  }

  /** A renewal that takes longer than the lease is certain is of no use. */
  #renewWithinMs(): number {
    return Math.max(1, Math.min(1_000, Math.floor(this.#abortAt - performance.now())));
  }

  #lose(why: string): void {
    this.#stopTimers();
    if (!this.signal.aborted && !this.#release) {
      this.#context.telemetry.count("lock_lost_total");
      this.#lost.abort(new LockLost(this.#lease.name, why));
    }
  }

  #stopTimers(): void {
    clearTimeout(this.#renewTimer);
    clearTimeout(this.#abortTimer);
  }

  #inTurn<R>(step: () => Promise<R>): Promise<R> {
    const turn = this.#turn.then(step, step);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

/** @throws {Misuse} past a day: a lease is for a holder that may be dead, a living one renews. */
export function leaseToMs(lease: Duration): number {
  const ms = toPositiveMs(lease, "lease");
  if (ms > longestLeaseMs) {
    throw new Misuse(`a lease may last a day at most, got ${ms} ms; it is renewed while it is held`);
  }
  return ms;
}
