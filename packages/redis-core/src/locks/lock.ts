import { type CoreContext, runOn } from "../context.ts";
import { type Duration, toMs, toPositiveMs } from "../duration.ts";
import { Misuse, OutcomeUnknown, RedisReplyError, RedisUnavailable } from "../errors.ts";
import { randomHex } from "../random.ts";
import { type HeldLock, type HeldLockRecord, LeasedLock, leaseToMs, releaseLease } from "./held-lock.ts";
import { LockTimeout } from "./lock-errors.ts";
import { acquireScript, renewScript } from "./scripts.ts";
import { enterWaitingRoom, type Waiter } from "./waiting-room.ts";

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
 * every second at most) and when a lease ends. Who comes next is not promised. Without Redis every method
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
export function createLock(context: CoreContext, name: string, options: LockOptions = {}): Lock {
  return new RedisLock(context, name, options);
}

type Attempt = { readonly held: HeldLock } | { readonly held: null; readonly busyForMs: number };

const nobody = { waiter: "", waitingMs: 0 };

class RedisLock implements Lock {
  readonly #context: CoreContext;
  readonly #name: string;
  readonly #leaseMs: number;
  readonly #waitMs: number;
  readonly #maxHoldMs: number;

  constructor(context: CoreContext, name: string, options: LockOptions) {
    this.#context = context;
    this.#name = name;
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

  async restore({ name, holder, token }: HeldLockRecord): Promise<HeldLock | null> {
    if (name !== this.#name) {
      throw new Misuse(`the record is of lock "${name}", not of "${this.#name}"`);
    }
    const askedAt = performance.now();
    const reply = await runOn(
      this.#context,
      "state",
      renewScript,
      { keys: { lease: this.#context.keys.lock.lease(name) }, args: { holder, duration: this.#leaseMs } },
      { resend: "once" },
    );
    return reply === token ? this.#hold(holder, token, askedAt) : null;
  }

  async #wait(waitMs: number, signal: AbortSignal | undefined): Promise<HeldLock> {
    const endsAt = performance.now() + waitMs;
    this.#context.telemetry.count("lock_contention_total");
    if (waitMs === 0) {
      throw new LockTimeout(this.#name, waitMs);
    }
    const waiter = await enterWaitingRoom(this.#context, this.#name);
    try {
      return await this.#attemptUntil(endsAt, waiter, signal, waitMs);
    } finally {
      waiter.leave();
    }
  }

  async #attemptUntil(
    endsAt: number,
    waiter: Waiter,
    signal: AbortSignal | undefined,
    waitMs: number,
  ): Promise<HeldLock> {
    const waiterName = randomHex(8);
    for (;;) {
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0) {
        throw new LockTimeout(this.#name, waitMs);
      }
      const waitingMs = Math.ceil(leftMs);
      const attempt = await this.#attempt(signal, { waiter: waiterName, waitingMs });
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
    const { keys, epochStore } = this.#context;
    const holder = randomHex(16);
    const floor = epochStore ? (await epochStore.read(this.#name)) + 1n : 0n;
    const askedAt = performance.now();
    try {
      const reply = await runOn(
        this.#context,
        "state",
        acquireScript,
        {
          keys: {
            lease: keys.lock.lease(this.#name),
            fence: keys.lock.fence(this.#name),
            waiters: keys.lock.waiters(this.#name),
          },
          args: { holder, duration: this.#leaseMs, floor: String(floor), waiter, waiting: waitingMs },
        },
        { signal, resend: "once" },
      );
      const [token, leftMs] = Array.isArray(reply) ? reply : [];
      if (typeof token !== "string" || typeof leftMs !== "number") {
        throw new RedisReplyError(`locks/acquire answered ${JSON.stringify(reply)}`);
      }
      if (token === "") {
        return { held: null, busyForMs: leftMs };
      }
      await epochStore?.raise(this.#name, BigInt(token));
      if (performance.now() - askedAt > this.#leaseMs / 2) {
        throw new OutcomeUnknown(`lock "${this.#name}" was granted too late to be of use`);
      }
      return { held: this.#hold(holder, token, askedAt) };
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) {
        // It may have been granted, or may yet be: nobody would know, so it is given back.
        releaseLease(this.#context, this.#name, holder).catch(() => {});
      }
      throw error;
    }
  }

  #hold(holder: string, token: string, askedAt: number): HeldLock {
    return new LeasedLock(this.#context, {
      name: this.#name,
      holder,
      token,
      leaseMs: this.#leaseMs,
      maxHoldMs: this.#maxHoldMs,
      askedAt,
    });
  }
}
