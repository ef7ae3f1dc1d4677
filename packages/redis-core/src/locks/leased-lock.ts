import type { CoreContext } from "../context.ts";
import { type Duration, toPositiveMs } from "../duration.ts";
import { isOutage, Misuse } from "../errors.ts";
import { giveBack } from "./give-back.ts";
import type { HeldLock, HeldLockRecord } from "./held-lock.ts";
import { later } from "./later.ts";
import type { KeptLease } from "./lease-store.ts";
import { LockLost } from "./lock-errors.ts";

/** How long the leases of a lock last. */
export interface LeaseLimits {
  readonly leaseMs: number;
  readonly maxHoldMs: number;
}

/** A lease as it was given. */
export interface Grant {
  readonly holder: string;
  /** The fencing token, in decimal. */
  readonly token: string;
  /** `performance.now()` from before the grant was asked for. */
  readonly askedAt: number;
}

/** The part of a lease that must still be ahead for work to go on. */
const marginShare = 0.2;
const longestLeaseMs = 86_400_000;

/**
 * Renews a lease, tells when it is no longer certain, and gives it back. A grant that is released before its
 * first renewal costs one timer: what few need (the signal, a queue of renewals) is made when it is needed.
 */
export class LeasedLock implements HeldLock {
  readonly store: KeptLease;
  readonly #context: CoreContext;
  readonly #limits: LeaseLimits;
  readonly #grant: Grant;
  /** `performance.now()` of the moment from which the lease may end too soon. */
  #abortAt = 0;
  /** The lease cannot be renewed further: `maxHold` ends with it. */
  #isFinal = false;
  #timer: NodeJS.Timeout | undefined;
  /** Runs beside a renewal only: before it, the other timer is earlier. */
  #abortTimer: NodeJS.Timeout | undefined;
  #signal: AbortController | undefined;
  #lost: LockLost | undefined;
  /** Renewals run one after the other, and the release after them, so that none overtakes another. */
  #turn: Promise<unknown> | undefined;
  #release: Promise<boolean> | undefined;

  constructor(context: CoreContext, store: KeptLease, limits: LeaseLimits, grant: Grant) {
    this.#context = context;
    this.store = store;
    this.#limits = limits;
    this.#grant = grant;
    this.#granted(grant.askedAt, limits.leaseMs);
  }

  get token(): bigint {
    return BigInt(this.#grant.token);
  }

  get signal(): AbortSignal {
    this.#checkTime();
    this.#signal ??= new AbortController();
    if (this.#lost) {
      this.#signal.abort(this.#lost);
    }
    return this.#signal.signal;
  }

  get isHeld(): boolean {
    this.#checkTime();
    return !this.#release && !this.#lost;
  }

  async extend(duration?: Duration): Promise<void> {
    const ms = duration === undefined ? this.#limits.leaseMs : leaseToMs(duration);
    await this.#inTurn(() => this.#renew(ms));
    if (this.#lost) {
      throw this.#lost;
    }
  }

  release(): Promise<boolean> {
    if (!this.#release) {
      this.#stopTimers();
      this.#release = this.#turn ? this.#turn.then(() => this.#free()) : this.#free();
    }
    return this.#release;
  }

  toJSON(): HeldLockRecord {
    const { holder, token } = this.#grant;
    return { name: this.store.name, holder, token };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      this.#context.telemetry.log("warn", "a lock could not be released at once", { error });
    }
  }

  async #free(): Promise<boolean> {
    const { holder } = this.#grant;
    try {
      return await this.store.release(holder);
    } catch (error) {
      if (isOutage(error)) {
        void giveBack(this.#context, this.store, holder, this.#limits.leaseMs);
      }
      throw error;
    }
  }

  async #renew(wantedMs: number): Promise<void> {
    if (this.#release) {
      throw new LockLost(this.store.name, "it was released");
    }
    this.#checkTime();
    if (this.#lost) {
      throw this.#lost;
    }
    const askedAt = performance.now();
    const ms = Math.floor(Math.min(wantedMs, this.#holdEndsAt - askedAt));
    if (ms < 1) {
      return;
    }
    // A renewal that takes longer than the lease is certain is of no use.
    const withinMs = Math.max(1, Math.min(1_000, Math.floor(this.#abortAt - askedAt)));
    if (await this.store.renew(this.toJSON(), ms, withinMs)) {
      this.#granted(askedAt, ms);
    } else {
      this.#lose("Redis says that it ended");
    }
  }

  get #holdEndsAt(): number {
    return this.#grant.askedAt + this.#limits.maxHoldMs;
  }

  #granted(askedAt: number, ms: number): void {
    const endsAt = askedAt + ms;
    const margin = Math.min(ms, this.#limits.leaseMs);
    this.#abortAt = endsAt - margin * marginShare;
    this.#isFinal = endsAt >= this.#holdEndsAt - 1;
    if (this.#release || this.#lost) {
      return;
    }
    this.#stopTimers();
    const leftMs = endsAt - performance.now();
    if (this.#isFinal) {
      this.#at(leftMs - margin * marginShare, () => this.#loseByTime());
    } else {
      // After a third of a lease; one that was extended further is not shortened.
      this.#at(leftMs - (margin * 2) / 3, () => this.#keep());
    }
  }

  /** Renews, and watches the time until that has succeeded. */
  #keep(): void {
    this.#checkTime();
    if (this.#lost) {
      return;
    }
    clearTimeout(this.#abortTimer);
    this.#abortTimer = later(this.#abortAt - performance.now(), () => this.#loseByTime());
    this.#inTurn(() => this.#renew(this.#limits.leaseMs)).catch(() => {
      // Not sent or not answered: once more soon, until it is too late.
      if (!this.#release && !this.#lost) {
        this.#at(this.#limits.leaseMs / 10, () => this.#keep());
      }
    });
  }

  #at(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = later(ms, act);
  }

  /** Timers are late in a process that was paused or busy; the clock is not. */
  #checkTime(): void {
    if (!this.#lost && !this.#release && performance.now() >= this.#abortAt) {
      this.#loseByTime();
    }
  }

  #loseByTime(): void {
    this.#lose(
      this.#isFinal ? "it was held for as long as maxHold allows" : "it could not be renewed in time",
    );
  }

  #lose(why: string): void {
    this.#stopTimers();
    if (!this.#lost && !this.#release) {
      this.#context.telemetry.count("lock_lost_total");
      this.#lost = new LockLost(this.store.name, why);
      this.#signal?.abort(this.#lost);
    }
  }

  #stopTimers(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#abortTimer);
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const turn = this.#turn ? this.#turn.then(step) : step();
    const done = turn.then(nothing, nothing);
    this.#turn = done;
    void done.then(() => {
      if (this.#turn === done) {
        this.#turn = undefined;
      }
    });
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

function nothing(): void {}
