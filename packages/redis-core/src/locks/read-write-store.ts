import { type CoreContext, runOn } from "../context.ts";
import { toArgs } from "./fair-lock-store.ts";
import { HoldersStore } from "./holders-store.ts";
import { type LeaseAnswer, type LeaseRequest, type LeaseStore, toLeaseAnswer } from "./lease-store.ts";
import { leaveQueueScript, shareAcquireScript } from "./scripts.ts";

/** One side of a read-write lock. Both keep their leases in one place; a holder's name says which side it is on. */
export class ReadWriteStore extends HoldersStore implements LeaseStore {
  readonly epochNames: readonly string[];
  readonly room: string;
  readonly isShared: boolean;
  readonly #mode: "read" | "write";
  readonly #channel: string;
  readonly #writers: string;

  constructor(context: CoreContext, name: string, { mode, replicas }: { mode: "read" | "write"; replicas: number }) {
    const { rwlock } = context.keys;
    const keys = {
      holders: rwlock.holders(name),
      past: rwlock.past(name),
      fence: rwlock.fence(name),
      waiters: rwlock.waiters(name),
    };
    const channel = rwlock.released(name);
    super(context, { name, keys, channel }, replicas);
    this.#mode = mode;
    this.#channel = channel;
    this.#writers = rwlock.writers(name);
    this.epochNames = [`rwlock:${name}`];
    this.room = `${channel} ${mode}`;
    this.isShared = mode === "read";
  }

  override async acquire(request: LeaseRequest): Promise<LeaseAnswer> {
    const keys = { ...this.keys, writers: this.#writers };
    const args = { ...toArgs(request), holder: this.memberOf(request.holder), mode: this.#mode };
    return toLeaseAnswer(
      shareAcquireScript.name,
      await runOn(this.context, "state", shareAcquireScript, { keys, args }, this.lasting),
    );
  }

  /** A writer who gives up lets the readers in that it kept out. */
  async stopWaiting(waiter: string): Promise<void> {
    if (this.#mode === "write") {
      const keys = { waiters: this.keys.waiters, queue: this.#writers };
      const args = { waiter, channel: this.#channel, order: "any" };
      await runOn(this.context, "state", leaveQueueScript, { keys, args }, { resend: "once" });
    }
  }

  protected override memberOf(holder: string): string {
    return `${this.#mode === "read" ? "r" : "w"}:${holder}`;
  }
}
