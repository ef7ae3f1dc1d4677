import { type CoreContext, runOn } from "../context.ts";
import type { HeldLockRecord } from "./held-lock.ts";
import { type LeaseAnswer, type LeaseRequest, type LeaseStore, toLeaseAnswer } from "./lease-store.ts";
import { toArgs } from "./lock-store.ts";
import { permitAcquireScript, permitReleaseScript, permitRenewScript } from "./scripts.ts";

/** Leases that up to `permits` holders have at a time. */
export class PermitStore implements LeaseStore {
  readonly name: string;
  readonly epochName: string;
  readonly channel: string;
  readonly room: string;
  readonly isShared = true;
  readonly #context: CoreContext;
  readonly #permits: number;

  constructor(context: CoreContext, name: string, permits: number) {
    this.#context = context;
    this.#permits = permits;
    this.name = name;
    this.epochName = `semaphore:${name}`;
    this.channel = context.keys.semaphore.released(name);
    this.room = this.channel;
  }

  async acquire(request: LeaseRequest, signal: AbortSignal | undefined): Promise<LeaseAnswer> {
    const { semaphore } = this.#context.keys;
    const keys = {
      holders: semaphore.holders(this.name),
      fence: semaphore.fence(this.name),
      waiters: semaphore.waiters(this.name),
    };
    const input = { keys, args: { ...toArgs(request), permits: this.#permits } };
    const options = { signal, resend: "once" } as const;
    return toLeaseAnswer(
      permitAcquireScript.name,
      await runOn(this.#context, "state", permitAcquireScript, input, options),
    );
  }

  async renew({ holder }: HeldLockRecord, durationMs: number, deadlineMs?: number): Promise<boolean> {
    const input = {
      keys: { holders: this.#context.keys.semaphore.holders(this.name) },
      args: { holder, duration: durationMs },
    };
    const options = { resend: "once", deadlineMs } as const;
    return (await runOn(this.#context, "state", permitRenewScript, input, options)) === 1;
  }

  async release(holder: string): Promise<boolean> {
    const { semaphore } = this.#context.keys;
    const input = {
      keys: {
        holders: semaphore.holders(this.name),
        past: semaphore.past(this.name),
        waiters: semaphore.waiters(this.name),
      },
      args: { holder, channel: this.channel },
    };
    return (await runOn(this.#context, "state", permitReleaseScript, input, { resend: "once" })) === 1;
  }
}
