import type { CoreContext } from "../context.ts";
import { giveBack } from "./give-back.ts";
import type { HeldLockRecord } from "./held-lock.ts";
import type { LeaseAnswer, LeaseRequest, LeaseStore } from "./lease-store.ts";
import { type LockState, mergeStates } from "./lock-state.ts";
import { LockStore } from "./lock-store.ts";

/**
 * Several locks in several slots of a Cluster, of which one holder has all or none. They are taken slot after
 * slot, everywhere in the same order; as soon as one is busy, those before it are given back: nobody holds one
 * while waiting for another.
 */
export class SpreadLocksStore implements LeaseStore {
  readonly name: string;
  readonly epochNames: readonly string[];
  readonly channels: readonly string[];
  readonly room: string;
  readonly isShared = false;
  readonly #context: CoreContext;
  readonly #parts: readonly LockStore[];

  constructor(context: CoreContext, names: readonly string[], replicas: number) {
    const bySlot = Map.groupBy(names, (name) => context.state.slotOf(context.keys.lock.state(name)));
    this.#context = context;
    this.#parts = [...bySlot].toSorted(([a], [b]) => a - b).map(([, part]) => new LockStore(context, part, replicas));
    this.name = JSON.stringify(names);
    this.epochNames = names;
    this.channels = this.#parts.flatMap(({ channels }) => channels);
    this.room = this.channels.join(" ");
  }

  async acquire(request: LeaseRequest): Promise<LeaseAnswer> {
    const taken: LockStore[] = [];
    const giveBackTaken = () => {
      for (const part of taken) {
        void giveBack(this.#context, part, request.holder, request.leaseMs);
      }
    };
    try {
      let token = request.floor;
      for (const part of this.#parts) {
        const answer = await part.acquire({ ...request, floor: token });
        if (typeof answer === "number") {
          giveBackTaken();
          return answer;
        }
        taken.push(part);
        token = answer;
      }
      // The last token is the highest: all are to have it, so that one token fences all that they protect.
      const record = { name: this.name, holder: request.holder, token };
      const raised = await Promise.all(
        this.#parts.slice(0, -1).map((part) => part.renew(record, request.leaseMs)),
      );
      if (raised.includes(false)) {
        giveBackTaken();
        return 0;
      }
      return token;
    } catch (error) {
      giveBackTaken();
      throw error;
    }
  }

  async renew(record: HeldLockRecord, durationMs: number, deadlineMs?: number): Promise<boolean> {
    const renewed = await this.#each((part) => part.renew(record, durationMs, deadlineMs));
    return !renewed.includes(false);
  }

  async release(holder: string): Promise<boolean> {
    return !(await this.#each((part) => part.release(holder))).includes(false);
  }

  async giveUp(holder: string): Promise<void> {
    await this.#each((part) => part.giveUp(holder));
  }

  async inspect(): Promise<LockState> {
    return mergeStates(await this.#each((part) => part.inspect()));
  }

  async forceRelease(): Promise<number> {
    const freed = await this.#each((part) => part.forceRelease());
    return freed.reduce((sum, each) => sum + each, 0);
  }

  /** All parts are asked, also when one fails. */
  async #each<R>(ask: (part: LockStore) => Promise<R>): Promise<R[]> {
    const results = await Promise.allSettled(this.#parts.map(ask));
    return results.map((result) => {
      if (result.status === "rejected") {
        throw result.reason;
      }
      return result.value;
    });
  }
}
