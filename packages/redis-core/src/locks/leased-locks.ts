import type { CoreContext } from "../context.ts";
import { toMs, toPositiveMs } from "../duration.ts";
import { Misuse, OutcomeUnknown, RedisUnavailable } from "../errors.ts";
import { randomHex } from "../random.ts";
import { type HeldLock, type HeldLockRecord, LeasedLock, leaseToMs } from "./held-lock.ts";
import type { LeaseStore } from "./lease-store.ts";
import { LockTimeout } from "./lock-errors.ts";
import type { AcquireOptions, Lock, LockedWork, LockOptions } from "./lock.ts";
import { enterWaitingRoom, type Waiter } from "./waiting-room.ts";

type Attempt = { readonly held: HeldLock } | { readonly held: null; readonly busyForMs: number };

const nobody = { waiter: "", waitingMs: 0 };

/** Takes leases of a store: once, waiting, or around some work. */
export class LeasedLocks implements Lock {
  readonly #context: CoreContext;
  readonly #store: LeaseStore;
  readonly #leaseMs: number;
  readonly #waitMs: number;
  readonly #maxHoldMs: number;

  constructor(context: CoreContext, store: LeaseStore, options: LockOptions) {
    this.#context = context;
    this.#store = store;
    this.#maxHoldMs = toPositiveMs(options.maxHold ?? "10m", "maxHold");
    this.#leaseMs = Math.min(leaseToMs(options.lease ?? "30s"), this.#maxHoldMs);
    this.#waitMs = toMs(options.wait ?? "10s", "wait");
  }

  async tryAcquire(options: { readonly signal?: AbortSignal } = {}): Promise<HeldLock | null> {
    return (await this.#attempt(options.signal, nobody)).held;
  }

  async acquire(options: AcquireOptions = {}): Promise<HeldLock> {
    const { signal, wait } = options;
    const waitMs = wait === undefined ? this.#waitMs : toMs(wait, "wait");
    const startedAt = performance.now();
    const held = (await this.tryAcquire({ ...(signal && { signal }) })) ?? (await this.#wait(waitMs, signal));
    this.#context.telemetry.observe("lock_wait_seconds", (performance.now() - startedAt) / 1_000);
    return held;
  }

  async run<R>(work: (locked: LockedWork) => Promise<R> | R, options: AcquireOptions = {}): Promise<R> {
    await using held = await this.acquire(options);
    const { signal: outer } = options;
    const signal = outer ? AbortSignal.any([held.signal, outer]) : held.signal;
    return await work({ signal, token: held.token });
  }

  async restore(record: HeldLockRecord): Promise<HeldLock | null> {
    const { name } = this.#store;
    if (record.name !== name) {
      throw new Misuse(`the record is of lock "${record.name}", not of "${name}"`);
    }
    const askedAt = performance.now();
    const isHeld = await this.#store.renew(record, this.#leaseMs);
    return isHeld ? this.#hold(record.holder, record.token, askedAt) : null;
  }

  async #wait(waitMs: number, signal: AbortSignal | undefined): Promise<HeldLock> {
    const endsAt = performance.now() + waitMs;
    this.#context.telemetry.count("lock_contention_total");
    if (waitMs === 0) {
      throw new LockTimeout(this.#store.name, waitMs);
    }
    const waiter = await enterWaitingRoom(this.#context, this.#store);
    let isServed = false;
    try {
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
      const waitingMs = Math.ceil(leftMs);
      const attempt = await this.#attempt(signal, { waiter: waiter.name, waitingMs });
      if (attempt.held) {
        return attempt.held;
      }
      await waiter.woken(Math.min(leftMs, this.#lookAgainMs(attempt.busyForMs)), signal);
    }
  }

  /** For lost wake-ups and dead holders, and where there is no pub/sub at all. */
  #lookAgainMs(busyForMs: number): number {
    const jitter = 0.5 + Math.random() / 2;
    const longestMs = this.#context.state.capabilities.subscribe ? 1_000 : 100;
    return Math.min(longestMs * jitter, busyForMs + 20 * jitter);
  }

  async #attempt(
    signal: AbortSignal | undefined,
    { waiter, waitingMs }: typeof nobody,
  ): Promise<Attempt> {
    const { epochStore } = this.#context;
    const { name, epochName } = this.#store;
    const holder = randomHex(16);
    const floor = epochStore ? (await epochStore.read(epochName)) + 1n : 0n;
    const askedAt = performance.now();
    try {
      const request = { holder, leaseMs: this.#leaseMs, floor, waiter, waitingMs };
      const answer = await this.#store.acquire(request, signal);
      if (answer.token === null) {
        return { held: null, busyForMs: answer.busyForMs };
      }
      await epochStore?.raise(epochName, BigInt(answer.token));
      if (performance.now() - askedAt > this.#leaseMs / 2) {
        throw new OutcomeUnknown(`lock "${name}" was granted too late to be of use`);
      }
      return { held: this.#hold(holder, answer.token, askedAt) };
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) {
        // It may have been granted, or may yet be: nobody would know, so it is given back.
        this.#store.release(holder).catch(() => {});
      }
      throw error;
    }
  }

  #hold(holder: string, token: string, askedAt: number): HeldLock {
    return new LeasedLock(this.#context, {
      store: this.#store,
      name: this.#store.name,
      holder,
      token,
      leaseMs: this.#leaseMs,
      maxHoldMs: this.#maxHoldMs,
      askedAt,
    });
  }
}
