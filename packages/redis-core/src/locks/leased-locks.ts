import type { CoreContext, EpochStore } from "../context.ts";
import { toMs, toPositiveMs } from "../duration.ts";
import { Misuse, RedisUnavailable } from "../errors.ts";
import { randomHex } from "../random.ts";
import { giveBack } from "./give-back.ts";
import type { HeldLock, HeldLockRecord } from "./held-lock.ts";
import { joinLease, Locked } from "./joined-lock.ts";
import type { LeaseStore } from "./lease-store.ts";
import { type Grant, LeasedLock, type LeaseLimits, leaseToMs } from "./leased-lock.ts";
import { LockTimeout } from "./lock-errors.ts";
import type { AcquireOptions, Lock, LockedWork, LockOptions, TryOptions } from "./lock.ts";
import { type LockState, withOwner } from "./lock-state.ts";
import { enterWaitingRoom, type Waiter } from "./waiting-room.ts";

const defaultLeaseMs = 30_000;
const defaultWaitMs = 10_000;
const defaultMaxHoldMs = 600_000;

/** Takes leases of a store: once, waiting, or around some work. */
export class LeasedLocks implements Lock {
  readonly #context: CoreContext;
  readonly #store: LeaseStore;
  readonly #limits: LeaseLimits;
  readonly #waitMs: number;
  readonly #owner: string | undefined;

  constructor(context: CoreContext, store: LeaseStore, options: LockOptions) {
    const { lease, maxHold, wait, owner } = options;
    this.#context = context;
    this.#store = store;
    const maxHoldMs = maxHold === undefined ? defaultMaxHoldMs : toPositiveMs(maxHold, "maxHold");
    const leaseMs = lease === undefined ? defaultLeaseMs : leaseToMs(lease);
    this.#limits = { leaseMs: Math.min(leaseMs, maxHoldMs), maxHoldMs };
    this.#waitMs = wait === undefined ? defaultWaitMs : toMs(wait, "wait");
    this.#owner = owner === undefined ? undefined : checkOwner(owner);
  }

  async tryAcquire(options?: TryOptions): Promise<HeldLock | null> {
    if (options?.within) {
      return joinLease(options.within, this.#store);
    }
    const attempt = await this.#attempt(options?.signal, "", 0);
    return typeof attempt === "number" ? null : attempt;
  }

  async acquire(options: AcquireOptions = {}): Promise<HeldLock> {
    const { signal, wait, within } = options;
    if (within) {
      return joinLease(within, this.#store);
    }
    const waitMs = wait === undefined ? this.#waitMs : toMs(wait, "wait");
    const startedAt = performance.now();
    const attempt = await this.#attempt(signal, "", 0);
    const held = typeof attempt === "number" ? await this.#wait(waitMs, signal) : attempt;
    this.#context.telemetry.observe("lock_wait_seconds", (performance.now() - startedAt) / 1_000);
    return held;
  }

  async run<R>(work: (locked: LockedWork) => Promise<R> | R, options: AcquireOptions = {}): Promise<R> {
    await using held = await this.acquire(options);
    return await work(new Locked(held, options.signal));
  }

  async restore(record: HeldLockRecord): Promise<HeldLock | null> {
    const { name } = this.#store;
    if (record.name !== name) {
      throw new Misuse(`the record is of lock "${record.name}", not of "${name}"`);
    }
    if (!/^\d{1,19}$/.test(record.token)) {
      throw new Misuse(`a fencing token is a number in decimal, got "${record.token}"`);
    }
    const askedAt = performance.now();
    const isHeld = await this.#store.renew(record, this.#limits.leaseMs);
    return isHeld ? this.#hold({ holder: record.holder, token: record.token, askedAt }) : null;
  }

  inspect(): Promise<LockState> {
    return this.#store.inspect();
  }

  forceRelease(): Promise<number> {
    return this.#store.forceRelease();
  }

  async #wait(waitMs: number, signal: AbortSignal | undefined): Promise<HeldLock> {
    const endsAt = performance.now() + waitMs;
    this.#context.telemetry.count("lock_contention_total");
    if (waitMs === 0) {
      throw new LockTimeout(this.#store.name, waitMs);
    }
    const waiter = enterWaitingRoom(this.#context, this.#store);
    let isServed = false;
    try {
      await waiter.listening(waitMs, signal);
      const held = await this.#attemptUntil(endsAt, waiter, signal, waitMs);
      isServed = true;
      return held;
    } finally {
      waiter.leave(isServed && this.#store.isShared);
      if (!isServed) {
        // Not answered, the place is lost by itself.
        this.#store.stopWaiting?.(waiter.name).catch(() => {});
      }
    }
  }

  async #attemptUntil(
    endsAt: number,
    waiter: Waiter,
    signal: AbortSignal | undefined,
    waitMs: number,
  ): Promise<HeldLock> {
    for (;;) {
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0) {
        throw new LockTimeout(this.#store.name, waitMs);
      }
      const attempt = await this.#attempt(signal, waiter.name, Math.ceil(leftMs));
      if (typeof attempt !== "number") {
        return attempt;
      }
      await waiter.woken(Math.min(leftMs, this.#lookAgainMs(attempt)), signal);
    }
  }

  /** For lost wake-ups and dead holders, and where there is no pub/sub at all. */
  #lookAgainMs(busyForMs: number): number {
    const jitter = 0.5 + Math.random() / 2;
    const longestMs = this.#context.state.capabilities.subscribe ? 1_000 : 100;
    return Math.min(longestMs * jitter, busyForMs + 20 * jitter);
  }

  /** The lock; or, while it is busy, for how many milliseconds it may be. */
  async #attempt(
    signal: AbortSignal | undefined,
    waiter: string,
    waitingMs: number,
  ): Promise<LeasedLock | number> {
    signal?.throwIfAborted();
    const { epochStore } = this.#context;
    const { leaseMs } = this.#limits;
    const holder = withOwner(randomHex(16), this.#owner);
    const floor = epochStore ? String((await this.#remembered(epochStore)) + 1n) : "0";
    const askedAt = performance.now();
    try {
      const asking = this.#store.acquire({ holder, leaseMs, floor, waiter, waitingMs });
      const answer = await (signal ? orAborted(asking, signal) : asking);
      if (typeof answer === "number") {
        return answer;
      }
      if (epochStore) {
        const token = BigInt(answer);
        await Promise.all(this.#store.epochNames.map((name) => epochStore.raise(name, token)));
      }
      if (performance.now() - askedAt > leaseMs / 2) {
        // Too little is left of it to be of use: this process or its connection stood still.
        void giveBack(this.#context, this.#store, holder, leaseMs);
        return 0;
      }
      return this.#hold({ holder, token: answer, askedAt });
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) {
        // It may have been granted, or may yet be: nobody would know, so it is given back.
        void giveBack(this.#context, this.#store, holder, leaseMs);
      }
      throw error;
    }
  }

  async #remembered(epochStore: EpochStore): Promise<bigint> {
    const tokens = await Promise.all(this.#store.epochNames.map((name) => epochStore.read(name)));
    return tokens.reduce((highest, token) => (token > highest ? token : highest), 0n);
  }

  #hold(grant: Grant): LeasedLock {
    return new LeasedLock(this.#context, this.#store, this.#limits, grant);
  }
}

/** The answer, or the signal's reason if that comes first. */
function orAborted<T>(asking: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    void asking.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function checkOwner(owner: string): string {
  if (!/^[\w.:@/-]{1,64}$/.test(owner)) {
    throw new Misuse(`owner must be 1 to 64 letters, digits or "_.:@/-", got "${owner.slice(0, 80)}"`);
  }
  return owner;
}
