import type { Subscription, SubscriptionHandlers } from "./port.ts";
import type { Telemetry } from "./telemetry.ts";

/** What the table needs of a connection. Both resolve on the server's acknowledgement. */
export interface SubscriptionTransport {
  subscribe(channels: readonly string[]): Promise<void>;
  unsubscribe(channels: readonly string[]): Promise<void>;
}

interface ChannelState {
  readonly handlers: Set<SubscriptionHandlers>;
  /** Resolves when Redis has acknowledged the current subscription. */
  acknowledged: Promise<void>;
  linger: NodeJS.Timeout | undefined;
}

/** How long a channel without handlers stays subscribed: views that remount must not flap. */
const lingerMs = 5_000;

/**
 * Who listens to which channel over one connection: SUBSCRIBE when the first handler comes, UNSUBSCRIBE
 * when the last has been gone for a while, both batched. Each handler gets each message once; one that
 * throws hurts no other.
 */
export class SubscriptionTable {
  readonly #transport: SubscriptionTransport;
  readonly #channels = new Map<string, ChannelState>();
  #batch: { readonly names: string[]; readonly done: Promise<void> } | undefined;
  readonly #telemetry: Telemetry;
  #closed = false;

  constructor(transport: SubscriptionTransport, telemetry: Telemetry) {
    this.#transport = transport;
    this.#telemetry = telemetry;
  }

  /** Resolves when all of the channels are acknowledged. */
  async add(channels: readonly string[], handlers: SubscriptionHandlers): Promise<Subscription> {
    const own: SubscriptionHandlers = {
      onMessage: (message, channel) => handlers.onMessage(message, channel),
      onGap: () => handlers.onGap?.(),
    };
    const names = [...new Set(channels)];
    const waits = names.map((name) => this.#attach(name, own));
    const close = async () => {
      for (const name of names) {
        this.#detach(name, own);
      }
      await Promise.resolve();
    };
    try {
      await Promise.all(waits);
    } catch (error) {
      await close();
      throw error;
    }
    return { close };
  }

  deliver(channel: string, message: string): void {
    // A copy: who subscribes while this message is delivered hears the next one.
    const listening = Array.from(this.#channels.get(channel)?.handlers ?? []);
    for (const handlers of listening) {
      try {
        handlers.onMessage(message, channel);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  /** Subscribes everything again on a connection that came back, then reports the gap to every handler. */
  async restore(): Promise<void> {
    const names = [...this.#channels.keys()];
    if (names.length === 0) {
      return;
    }
    try {
      await this.#transport.subscribe(names);
    } catch {
      // Lost again: the next connection calls this once more.
      return;
    }
    const handlers = new Set(names.flatMap((name) => [...(this.#channels.get(name)?.handlers ?? [])]));
    for (const each of handlers) {
      try {
        each.onGap?.();
      } catch (error) {
        this.#report(error);
      }
    }
  }

  close(): void {
    this.#closed = true;
    for (const { linger } of this.#channels.values()) {
      clearTimeout(linger);
    }
    this.#channels.clear();
  }

  #attach(name: string, handlers: SubscriptionHandlers): Promise<void> {
    let state = this.#channels.get(name);
    if (!state) {
      state = { handlers: new Set(), acknowledged: this.#subscribeSoon(name), linger: undefined };
      const created = state;
      created.acknowledged.catch(() => {
        if (this.#channels.get(name) === created) {
          this.#channels.delete(name);
        }
      });
      this.#channels.set(name, state);
    }
    clearTimeout(state.linger);
    state.linger = undefined;
    state.handlers.add(handlers);
    return state.acknowledged;
  }

  #detach(name: string, handlers: SubscriptionHandlers): void {
    const state = this.#channels.get(name);
    if (!state?.handlers.delete(handlers) || state.handlers.size > 0 || this.#closed) {
      return;
    }
    state.linger = setTimeout(() => {
      if (state.handlers.size === 0 && this.#channels.get(name) === state) {
        this.#channels.delete(name);
        this.#transport.unsubscribe([name]).catch(() => {});
      }
    }, lingerMs);
    state.linger.unref();
  }

  /** All channels asked for in one turn of the event loop share a SUBSCRIBE. */
  #subscribeSoon(name: string): Promise<void> {
    if (!this.#batch) {
      const names: string[] = [];
      const done = Promise.resolve().then(() => {
        this.#batch = undefined;
        return this.#transport.subscribe(names);
      });
      this.#batch = { names, done };
    }
    this.#batch.names.push(name);
    return this.#batch.done;
  }

  /** A handler's own error is its bug: it is told, and stops neither the others nor the process. */
  #report(error: unknown): void {
    this.#telemetry.count("redis_subscription_handler_errors_total");
    this.#telemetry.log("error", "a subscription handler threw", { error });
  }
}
