import { type CoreContext, runOn } from "../context.ts";
import type { CallOptions } from "../port.ts";
import type { HeldLockRecord } from "./held-lock.ts";
import { type LeaseAnswer, type LeaseRequest, type LeaseStore, toLeaseAnswer } from "./lease-store.ts";
import { type LockState, toStateOfLocks } from "./lock-state.ts";
import { acquireScript, forceReleaseScript, giveUpScript, inspectScript, releaseScript, renewScript } from "./scripts.ts";

const again: CallOptions = { resend: "once" };
/** Several keys on one node need not share a slot. */
const againInAnySlot: CallOptions = { resend: "once", anySlot: true };

/** A lock that one holder has at a time; or several that one has all of, or none. Its keys are in one place. */
export class LockStore implements LeaseStore {
  readonly name: string;
  readonly epochNames: readonly string[];
  readonly isShared = false;
  /** The key of each name, and the channel of the same name on which its release is told. */
  readonly channels: readonly string[];
  readonly #context: CoreContext;
  readonly #options: CallOptions;
  /** Grants and renewals count when so many replicas have them. */
  readonly #lasting: CallOptions;

  constructor(context: CoreContext, names: readonly string[], replicas: number) {
    const [only] = names;
    this.#context = context;
    this.name = only !== undefined && names.length === 1 ? only : JSON.stringify(names);
    this.epochNames = names;
    this.channels = names.map(context.keys.lock.state);
    const isSpread = names.length > 1 && context.state.capabilities.topology === "single";
    this.#options = isSpread ? againInAnySlot : again;
    this.#lasting = replicas === 0 ? this.#options : { ...this.#options, waitReplicas: replicas };
  }

  get room(): string {
    return this.channels.join(" ");
  }

  async acquire({ holder, leaseMs, floor, waitingMs }: LeaseRequest): Promise<LeaseAnswer> {
    const args = { holder, duration: leaseMs, floor, waiting: waitingMs };
    const input = { keys: {}, args, restKeys: this.channels };
    return toLeaseAnswer(
      acquireScript.name,
      await runOn(this.#context, "state", acquireScript, input, this.#lasting),
    );
  }

  async renew({ holder, token }: HeldLockRecord, durationMs: number, deadlineMs?: number): Promise<boolean> {
    const input = { keys: {}, args: { holder, duration: durationMs, token }, restKeys: this.channels };
    const reply = await runOn(this.#context, "state", renewScript, input, { ...this.#lasting, deadlineMs });
    return String(reply) === token;
  }

  async release(holder: string): Promise<boolean> {
    const input = { keys: {}, args: { holder }, restKeys: this.channels };
    return (await runOn(this.#context, "state", releaseScript, input, this.#options)) === 1;
  }

  async giveUp(holder: string): Promise<void> {
    const input = { keys: {}, args: { holder }, restKeys: this.channels };
    await runOn(this.#context, "state", giveUpScript, input, this.#options);
  }

  async inspect(): Promise<LockState> {
    const input = { keys: {}, args: {}, restKeys: this.channels };
    return toStateOfLocks(await runOn(this.#context, "state", inspectScript, input, this.#options));
  }

  async forceRelease(): Promise<number> {
    const input = { keys: {}, args: {}, restKeys: this.channels };
    return Number(await runOn(this.#context, "state", forceReleaseScript, input, this.#options));
  }
}
