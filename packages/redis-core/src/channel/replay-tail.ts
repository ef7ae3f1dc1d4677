import type { CoreContext } from "../context.ts";
import { isOutage } from "../errors.ts";
import type { Subscription } from "../port.ts";
import type { ReplayStore } from "./replay-store.ts";
import { untilSharded } from "./sharding.ts";

/** A lost doorbell is made good by the next look. */
const lookEveryMs = 5_000;

export interface TailListener {
  /** A message as it was published. */
  onEntry?(id: string, text: string): void;
  /** The newest entry there is, by a look at the stream. */
  onNewest?(id: string): void;
  /** Doorbells may have been lost. */
  onDoubt(): void;
  /** Nobody holds this named consumer any more. */
  onFree?(consumer: string): void;
}

/**
 * The doorbell of one channel for all of its readers in this process: one subscription, and one look at the
 * stream every five seconds, which also tells publishers that the doorbell is worth ringing.
 */
export class ReplayTail {
  readonly #context: CoreContext;
  readonly #store: ReplayStore;
  readonly #sharded: boolean;
  readonly #listeners = new Set<TailListener>();
  #subscription: Promise<Subscription> | undefined;
  #looking: NodeJS.Timeout | undefined;

  constructor(context: CoreContext, store: ReplayStore, sharded: boolean) {
    this.#context = context;
    this.#store = store;
    this.#sharded = sharded;
  }

  /** Resolves when what is published from now on rings; the result ends it. */
  async attach(listener: TailListener, signal?: AbortSignal): Promise<() => void> {
    this.#listeners.add(listener);
    const detach = () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) {
        this.#stop();
      }
    };
    this.#subscription ??= this.#start(signal);
    const own = this.#subscription;
    try {
      await own;
    } catch (error) {
      if (this.#subscription === own) {
        this.#subscription = undefined;
      }
      detach();
      throw error;
    }
    return detach;
  }

  async #start(signal: AbortSignal | undefined): Promise<Subscription> {
    const sharded = await untilSharded(this.#context, this.#sharded, signal);
    const subscription = await this.#context.state.subscribe(
      [this.#store.doorbell],
      {
        onMessage: (message) => this.#ring(message),
        onGap: () => {
          this.#tell((each) => each.onDoubt());
          // The mark that somebody listens may have lapsed in the meantime.
          this.#look();
        },
      },
      { sharded },
    );
    this.#scheduleLook();
    return subscription;
  }

  #stop(): void {
    clearTimeout(this.#looking);
    this.#looking = undefined;
    const ending = this.#subscription;
    this.#subscription = undefined;
    ending?.then((subscription) => subscription.close()).catch(() => {});
  }

  #ring(message: string): void {
    const space = message.indexOf(" ");
    const [head, rest] = [message.slice(0, space), message.slice(space + 1)];
    if (head === "free") {
      this.#tell((each) => each.onFree?.(rest));
    } else {
      this.#tell((each) => each.onEntry?.(head, rest));
    }
  }

  #scheduleLook(): void {
    clearTimeout(this.#looking);
    this.#looking = setTimeout(() => this.#look(), lookEveryMs * (0.8 + Math.random() * 0.4)); // jitter
    this.#looking.unref();
  }

  #look(): void {
    const own = this.#subscription;
    this.#store
      .read("$", 0, true)
      .then(({ newest }) => this.#tell((each) => each.onNewest?.(newest)))
      .catch((error: unknown) => {
        if (!isOutage(error)) {
          this.#context.telemetry.log("error", "a channel could not be looked at", { error });
        }
      })
      .finally(() => {
        if (this.#subscription === own && own) {
          this.#scheduleLook();
        }
      });
  }

  #tell(what: (listener: TailListener) => void): void {
    for (const listener of Array.from(this.#listeners)) {
      what(listener);
    }
  }
}
