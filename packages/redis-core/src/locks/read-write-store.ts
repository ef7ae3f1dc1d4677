import { type CoreContext, runOn } from "../context.ts";
import type { HeldLockRecord } from "./held-lock.ts";
import { type LeaseAnswer, type LeaseRequest, type LeaseStore, toLeaseAnswer } from "./lease-store.ts";
import { toArgs } from "./lock-store.ts";
import { leaveQueueScript, permitReleaseScript, permitRenewScript, shareAcquireScript } from "./scripts.ts";

/** One side of a read-write lock. Both keep their leases in one place; a holder's name says which side it is on. */
export class ReadWriteStore implements LeaseStore {
  readonly name: string;
  readonly epochName: string;
  readonly channel: string;
  readonly room: string;
  readonly isShared: boolean;
  readonly #context: CoreContext;
  readonly #mode: "read" | "write";

  constructor(context: CoreContext, name: string, mode: "read" | "write") {
    this.#context = context;
    this.#mode = mode;
    this.name = name;
    this.epochName = `rwlock:${name}`;
    this.channel = context.keys.rwlock.released(name);
    this.room = `${this.channel} ${mode}`;
    this.isShared = mode === "read";
  }

  async acquire(request: LeaseRequest, signal: AbortSignal | undefined): Promise<LeaseAnswer> {
    const { rwlock } = this.#context.keys;
    const keys = {
      holders: rwlock.holders(this.name),
      fence: rwlock.fence(this.name),
      waiters: rwlock.waiters(this.name),
      writers: rwlock.writers(this.name),
    };
    const args = { ...toArgs(request), holder: this.#member(request.holder), mode: this.#mode };
    const options = { signal, resend: "once" } as const;
    return toLeaseAnswer(
      shareAcquireScript.name,
      await runOn(this.#context, "state", shareAcquireScript, { keys, args }, options),
    );
  }

  async renew({ holder }: HeldLockRecord, durationMs: number, deadlineMs?: number): Promise<boolean> {
    const input = {
      keys: { holders: this.#context.keys.rwlock.holders(this.name) },
      args: { holder: this.#member(holder), duration: durationMs },
    };
    const options = { resend: "once", deadlineMs } as const;
    return (await runOn(this.#context, "state", permitRenewScript, input, options)) === 1;
  }

  async release(holder: string): Promise<boolean> {
    const { rwlock } = this.#context.keys;
    const input = {
      keys: {
        holders: rwlock.holders(this.name),
        past: rwlock.past(this.name),
        waiters: rwlock.waiters(this.name),
      },
      args: { holder: this.#member(holder), channel: this.channel },
    };
    return (await runOn(this.#context, "state", permitReleaseScript, input, { resend: "once" })) === 1;
  }

  /** A writer who gives up lets the readers in that it kept out. */
  async stopWaiting(waiter: string): Promise<void> {
    if (this.#mode === "write") {
      const { rwlock } = this.#context.keys;
      const input = {
        keys: { waiters: rwlock.waiters(this.name), queue: rwlock.writers(this.name) },
        args: { waiter, channel: this.channel, order: "any" },
      };
      await runOn(this.#context, "state", leaveQueueScript, input, { resend: "once" });
    }
  }

  #member(holder: string): string {
    return `${this.#mode === "read" ? "r" : "w"}:${holder}`;
  }
}
