import type { CoreContext } from "../context.ts";
import type { Subscription } from "../port.ts";
import type { BucketPosition } from "./read-reply.ts";

/** What changed in a bucket: one key, the entries with certain tags, or everything. */
export type CacheChange =
  | { readonly kind: "key"; readonly at: BucketPosition; readonly key: string }
  | { readonly kind: "tags"; readonly at: BucketPosition; readonly tags: readonly string[] }
  | { readonly kind: "all"; readonly at: BucketPosition };

export interface CacheEventHandlers {
  onChange(change: CacheChange): void;
  /** Messages may have been lost. Also called when the subscription first stands. */
  onGap(): void;
}

/**
 * The namespace's events in this process: changes for L1, and wake-ups for those who wait for a load. One
 * subscription, made when it is first needed.
 */
export class CacheEvents {
  readonly #context: CoreContext;
  readonly #channel: string;
  readonly #handlers: CacheEventHandlers;
  readonly #waiters = new Map<string, Set<() => void>>();
  #subscribing: Promise<Subscription> | undefined;
  #live = false;
  #closed = false;

  constructor(context: CoreContext, channel: string, handlers: CacheEventHandlers) {
    this.#context = context;
    this.#channel = channel;
    this.#handlers = handlers;
  }

  /** True while a change published now reaches this process, as far as is known. */
  get live(): boolean {
    return this.#live;
  }

  /** Resolves to whether the subscription stands, after `withinMs` at most. A failed one is tried again. */
  async subscribe(withinMs = 1_000): Promise<boolean> {
    if (this.#live || this.#closed || !this.#context.cache.capabilities.subscribe) {
      return this.#live;
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, withinMs, false);
      timer.unref();
    });
    const stands = await Promise.race([this.#subscribe(), late]);
    clearTimeout(timer);
    return stands;
  }

  async #subscribe(): Promise<boolean> {
    this.#subscribing ??= this.#context.cache.subscribe([this.#channel], {
      onMessage: (message) => this.#receive(message),
      onGap: () => this.#handlers.onGap(),
    });
    const mine = this.#subscribing;
    try {
      await mine;
      if (!this.#live && this.#subscribing === mine) {
        this.#live = true;
        this.#handlers.onGap();
      }
      return true;
    } catch {
      if (this.#subscribing === mine) {
        this.#subscribing = undefined;
      }
      return false;
    }
  }

  /** Hears of the next wake-up for a key from this call on. */
  listen(key: string): { next(withinMs: number): Promise<void>; stop(): void } {
    let woken = false;
    let wake: () => void = () => {};
    const onWake = () => {
      woken = true;
      wake();
    };
    const waiters = this.#waiters.get(key) ?? new Set();
    this.#waiters.set(key, waiters.add(onWake));
    return {
      next: async (withinMs) => {
        if (!woken) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, withinMs);
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
        woken = false;
      },
      stop: () => {
        waiters.delete(onWake);
        if (waiters.size === 0 && this.#waiters.get(key) === waiters) {
          this.#waiters.delete(key);
        }
      },
    };
  }

  async close(): Promise<void> {
    this.#live = false;
    this.#closed = true;
    const subscribing = this.#subscribing;
    this.#subscribing = undefined;
    await subscribing?.then((subscription) => subscription.close()).catch(() => {});
  }

  #receive(message: string): void {
    if (message.startsWith("w|")) {
      this.#wake(message.slice(2));
      return;
    }
    const match = /^([kct])\|(\d+)\|(\d+)\|(\d+)\|(.*)$/s.exec(message);
    if (!match) {
      return;
    }
    const [, kind, bucket = "", epoch = "", seq = "", rest = ""] = match;
    const at = { bucket: Number(bucket), epoch: Number(epoch), seq: Number(seq) };
    if (kind === "k") {
      this.#handlers.onChange({ kind: "key", at, key: rest });
      this.#wake(rest);
    } else if (kind === "t") {
      this.#handlers.onChange({ kind: "tags", at, tags: rest.split(",") });
    } else {
      this.#handlers.onChange({ kind: "all", at });
    }
  }

  #wake(key: string): void {
    for (const wake of this.#waiters.get(key) ?? []) {
      wake();
    }
  }
}
