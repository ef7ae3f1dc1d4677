import type { CoreContext } from "../context.ts";
import { isOutage } from "../errors.ts";
import { orAborted } from "../or-aborted.ts";
import type { Subscription } from "../port.ts";
import type { ReplayStore } from "./replay-store.ts";
import { untilSharded } from "../sharding.ts";

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

export interface TailSettings {
  readonly sharded: boolean;
  /** A lost doorbell is made good by the next look at the stream. */
  readonly lookEveryMs: number;
}

/** From the first listener to the last. */
interface TailRun {
  readonly ending: AbortController;
  readonly started: Promise<Subscription>;
}

/** What readers and consumers need of a channel's doorbell. */
export type Doorbell = Pick<ReplayTail, "attach">;

const tails = new WeakMap<CoreContext, Map<string, ReplayTail>>();

/** The doorbell of a channel, which all that a core makes of this name share while somebody listens. */
export function doorbellOf(context: CoreContext, store: ReplayStore, settings: TailSettings): Doorbell {
  let ofContext = tails.get(context);
  if (!ofContext) {
    ofContext = new Map();
    tails.set(context, ofContext);
  }
  const shared = ofContext;
  const key = `${settings.sharded} ${store.doorbell}`;
  return {
    attach(listener, signal) {
      let tail = shared.get(key);
      if (!tail) {
        tail = new ReplayTail(context, store, settings, () => shared.delete(key));
        shared.set(key, tail);
      }
      return tail.attach(listener, signal);
    },
  };
}

/**
 * The doorbell of one channel for all of its readers in this process: one subscription, and a look at the
 * stream now and then, which also tells publishers that the doorbell is worth ringing.
 */
export class ReplayTail {
  readonly #context: CoreContext;
  readonly #store: ReplayStore;
  readonly #settings: TailSettings;
  readonly #listeners = new Set<TailListener>();
  readonly #onStop: () => void;
  #run: TailRun | undefined;
  #looking: NodeJS.Timeout | undefined;

  constructor(context: CoreContext, store: ReplayStore, settings: TailSettings, onStop: () => void) {
    this.#context = context;
    this.#store = store;
    this.#settings = settings;
    this.#onStop = onStop;
  }

  /** Resolves when what is published from now on rings; the result ends it. */
  async attach(listener: TailListener, signal?: AbortSignal): Promise<() => void> {
    this.#listeners.add(listener);
    const detach = () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) {
        this.#stop();
      }
    };
    this.#run ??= this.#start();
    const own = this.#run;
    try {
      await orAborted(own.started, signal);
    } catch (error) {
      detach();
      throw error;
    }
    return detach;
  }

  #start(): TailRun {
    const ending = new AbortController();
    const run: TailRun = { ending, started: this.#subscribe(ending.signal) };
    run.started.then(
      () => this.#scheduleLook(run),
      () => {
        // Whoever comes next tries anew.
        if (this.#run === run) {
          this.#run = undefined;
        }
      },
    );
    return run;
  }

  async #subscribe(signal: AbortSignal): Promise<Subscription> {
    const sharded = await untilSharded(this.#context, this.#settings.sharded, signal);
    return await this.#context.state.subscribe(
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
  }

  #stop(): void {
    clearTimeout(this.#looking);
    this.#onStop();
    const run = this.#run;
    this.#run = undefined;
    run?.ending.abort();
    run?.started.then((subscription) => subscription.close()).catch(() => {});
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

  #scheduleLook(run: TailRun): void {
    if (this.#run === run) {
      clearTimeout(this.#looking);
      const delayMs = this.#settings.lookEveryMs * (0.8 + Math.random() * 0.4); // jitter
      this.#looking = setTimeout(() => this.#look(), delayMs);
      this.#looking.unref();
    }
  }

  #look(): void {
    const run = this.#run;
    this.#store
      .read("$", 0, true)
      .then(({ newest }) => this.#tell((each) => each.onNewest?.(newest)))
      .catch((error: unknown) => {
        if (!isOutage(error)) {
          this.#context.telemetry.log("error", "a channel could not be looked at", { error });
        }
      })
      .finally(() => {
        if (run) {
          this.#scheduleLook(run);
        }
      });
  }

  #tell(what: (listener: TailListener) => void): void {
    for (const listener of Array.from(this.#listeners)) {
      what(listener);
    }
  }
}
