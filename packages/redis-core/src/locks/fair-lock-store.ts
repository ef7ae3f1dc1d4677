import { type CoreContext, runOn } from "../context.ts";
import type { CallOptions } from "../port.ts";
import { type LeaseAnswer, type LeaseRequest, type LeaseStore, toLeaseAnswer } from "./lease-store.ts";
import { LockStore } from "./lock-store.ts";
import { fairAcquireScript, fairReleaseScript, leaveQueueScript } from "./scripts.ts";

/** A lock that goes to whoever has waited longest. Excludes the holders of a `LockStore` of the same name too. */
export class FairLockStore extends LockStore implements LeaseStore {
  readonly #context: CoreContext;
  readonly #keys: Readonly<Record<"state" | "waiters" | "queue", string>>;
  readonly #replicas: number;

  constructor(context: CoreContext, name: string, replicas: number) {
    super(context, [name], replicas);
    const { lock } = context.keys;
    this.#context = context;
    this.#keys = { state: lock.state(name), waiters: lock.waiters(name), queue: lock.queue(name) };
    this.#replicas = replicas;
  }

  override async acquire(request: LeaseRequest): Promise<LeaseAnswer> {
    const input = { keys: this.#keys, args: toArgs(request) };
    const options: CallOptions = { resend: "once", waitReplicas: this.#replicas };
    return toLeaseAnswer(
      fairAcquireScript.name,
      await runOn(this.#context, "state", fairAcquireScript, input, options),
    );
  }

  override async release(holder: string): Promise<boolean> {
    const input = { keys: this.#keys, args: { holder } };
    return (await runOn(this.#context, "state", fairReleaseScript, input, { resend: "once" })) === 1;
  }

  async stopWaiting(waiter: string): Promise<void> {
    const args = { waiter, channel: this.#keys.state, order: "fifo" };
    await runOn(this.#context, "state", leaveQueueScript, { keys: this.#keys, args }, { resend: "once" });
  }
}

/** The arguments that all kinds of leases with a waiter's name are asked for with. */
export function toArgs({ holder, leaseMs, floor, waiter, waitingMs }: LeaseRequest) {
  return { holder, duration: leaseMs, floor, waiter, waiting: waitingMs };
}
