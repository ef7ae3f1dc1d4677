import { type CoreContext, runOn } from "../context.ts";
import type { CallOptions } from "../port.ts";
import type { HeldLockRecord } from "./held-lock.ts";
import type { LeaseAnswer, LeaseRequest, LeaseStore } from "./lease-store.ts";
import { type LockState, toStateOfHolders } from "./lock-state.ts";
import { holdersClearScript, holdersInspectScript, permitReleaseScript, permitRenewScript } from "./scripts.ts";

interface HoldersKeys {
  readonly holders: string;
  readonly past: string;
  readonly fence: string;
  readonly waiters: string;
}

/** Leases that several holders have at a time, each with an end of its own. Who may come in, subclasses say. */
export abstract class HoldersStore implements LeaseStore {
  readonly name: string;
  readonly channels: readonly string[];
  abstract readonly epochNames: readonly string[];
  abstract readonly room: string;
  abstract readonly isShared: boolean;
  protected readonly context: CoreContext;
  protected readonly keys: HoldersKeys;
  /** Grants and renewals count when so many replicas have them. */
  protected readonly lasting: CallOptions;
  readonly #channel: string;

  constructor(
    context: CoreContext,
    place: { readonly name: string; readonly keys: HoldersKeys; readonly channel: string },
    replicas: number,
  ) {
    this.context = context;
    this.name = place.name;
    this.keys = place.keys;
    this.channels = [place.channel];
    this.#channel = place.channel;
    this.lasting = { resend: "once", waitReplicas: replicas };
  }

  abstract acquire(request: LeaseRequest): Promise<LeaseAnswer>;

  async renew({ holder }: HeldLockRecord, durationMs: number, deadlineMs?: number): Promise<boolean> {
    const input = { keys: this.keys, args: { holder: this.memberOf(holder), duration: durationMs } };
    const options = { ...this.lasting, deadlineMs };
    return (await runOn(this.context, "state", permitRenewScript, input, options)) === 1;
  }

  release(holder: string): Promise<boolean> {
    return this.#leave(holder, "done");
  }

  async giveUp(holder: string): Promise<void> {
    await this.#leave(holder, "give-up");
  }

  async inspect(): Promise<LockState> {
    const input = { keys: this.keys, args: {} };
    return toStateOfHolders(
      await runOn(this.context, "state", holdersInspectScript, input, { resend: "once" }),
    );
  }

  async forceRelease(): Promise<number> {
    const input = { keys: this.keys, args: { channel: this.#channel } };
    return Number(await runOn(this.context, "state", holdersClearScript, input, { resend: "once" }));
  }

  /** How Redis knows a holder. */
  protected memberOf(holder: string): string {
    return holder;
  }

  async #leave(holder: string, why: "done" | "give-up"): Promise<boolean> {
    const args = { holder: this.memberOf(holder), channel: this.#channel, why };
    const input = { keys: this.keys, args };
    return (await runOn(this.context, "state", permitReleaseScript, input, { resend: "once" })) === 1;
  }
}
