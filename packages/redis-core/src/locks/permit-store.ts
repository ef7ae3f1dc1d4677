import { type CoreContext, runOn } from "../context.ts";
import { toArgs } from "./fair-lock-store.ts";
import { HoldersStore } from "./holders-store.ts";
import { type LeaseAnswer, type LeaseRequest, toLeaseAnswer } from "./lease-store.ts";
import { permitAcquireScript } from "./scripts.ts";

/** Leases that up to `permits` holders have at a time. */
export class PermitStore extends HoldersStore {
  readonly epochNames: readonly string[];
  readonly room: string;
  readonly isShared = true;
  readonly #permits: number;

  constructor(context: CoreContext, name: string, { permits, replicas }: { permits: number; replicas: number }) {
    const { semaphore } = context.keys;
    const keys = {
      holders: semaphore.holders(name),
      past: semaphore.past(name),
      fence: semaphore.fence(name),
      waiters: semaphore.waiters(name),
    };
    const channel = semaphore.released(name);
    super(context, { name, keys, channel }, replicas);
    this.#permits = permits;
    this.epochNames = [`semaphore:${name}`];
    this.room = channel;
  }

  override async acquire(request: LeaseRequest): Promise<LeaseAnswer> {
    const input = { keys: this.keys, args: { ...toArgs(request), permits: this.#permits } };
    return toLeaseAnswer(
      permitAcquireScript.name,
      await runOn(this.context, "state", permitAcquireScript, input, this.lasting),
    );
  }
}
