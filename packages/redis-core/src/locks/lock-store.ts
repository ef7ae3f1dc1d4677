import { type CoreContext, runOn } from "../context.ts";
import type { HeldLockRecord } from "./held-lock.ts";
import { type LeaseAnswer, type LeaseRequest, type LeaseStore, toLeaseAnswer } from "./lease-store.ts";
import { acquireScript, fairAcquireScript, leaveQueueScript, releaseScript, renewScript } from "./scripts.ts";

/** A lease that one holder has at a time. */
export class LockStore implements LeaseStore {
  readonly name: string;
  readonly epochName: string;
  readonly channel: string;
  readonly room: string;
  readonly isShared = false;
  protected readonly context: CoreContext;

  constructor(context: CoreContext, name: string) {
    this.context = context;
    this.name = name;
    this.epochName = name;
    this.channel = context.keys.lock.released(name);
    this.room = this.channel;
  }

  async acquire(request: LeaseRequest, signal: AbortSignal | undefined): Promise<LeaseAnswer> {
    const { lock } = this.context.keys;
    const keys = {
      lease: lock.lease(this.name),
      fence: lock.fence(this.name),
      waiters: lock.waiters(this.name),
    };
    const input = { keys, args: toArgs(request) };
    const reply = await runOn(this.context, "state", acquireScript, input, { signal, resend: "once" });
    return toLeaseAnswer(acquireScript.name, reply);
  }

  async renew({ holder, token }: HeldLockRecord, durationMs: number, deadlineMs?: number): Promise<boolean> {
    const input = {
      keys: { lease: this.context.keys.lock.lease(this.name) },
      args: { holder, duration: durationMs },
    };
    const reply = await runOn(this.context, "state", renewScript, input, { resend: "once", deadlineMs });
    return reply === token;
  }

  async release(holder: string): Promise<boolean> {
    const { lock } = this.context.keys;
    const input = {
      keys: {
        lease: lock.lease(this.name),
        waiters: lock.waiters(this.name),
        queue: lock.queue(this.name),
      },
      args: { holder, channel: this.channel },
    };
    return (await runOn(this.context, "state", releaseScript, input, { resend: "once" })) === 1;
  }
}

/** A lease that goes to whoever has waited longest. Excludes the holders of a `LockStore` of the same name too. */
export class FairLockStore extends LockStore implements LeaseStore {
  override async acquire(request: LeaseRequest, signal: AbortSignal | undefined): Promise<LeaseAnswer> {
    const { lock } = this.context.keys;
    const keys = {
      lease: lock.lease(this.name),
      fence: lock.fence(this.name),
      waiters: lock.waiters(this.name),
      queue: lock.queue(this.name),
    };
    const input = { keys, args: toArgs(request) };
    const reply = await runOn(this.context, "state", fairAcquireScript, input, { signal, resend: "once" });
    return toLeaseAnswer(fairAcquireScript.name, reply);
  }

  async stopWaiting(waiter: string): Promise<void> {
    const { lock } = this.context.keys;
    const input = {
      keys: { waiters: lock.waiters(this.name), queue: lock.queue(this.name) },
      args: { waiter, channel: this.channel, order: "fifo" },
    };
    await runOn(this.context, "state", leaveQueueScript, input, { resend: "once" });
  }
}

/** The arguments that all kinds of leases are asked for with. */
export function toArgs({ holder, leaseMs, floor, waiter, waitingMs }: LeaseRequest) {
  return { holder, duration: leaseMs, floor: String(floor), waiter, waiting: waitingMs };
}
