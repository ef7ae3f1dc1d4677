import { RedisCoreError, RedisUnavailable } from "./errors.ts";
import type { Subscription, SubscriptionHandlers } from "./port.ts";
import type { Telemetry } from "./telemetry.ts";

/** What the table needs of a connection. */
export interface SubscriptionTransport {
  /**
   * Resolves on the server's acknowledgement. Rejects with a `RedisCoreError` where the server refuses; any
   * other error, and silence, is a lost connection, after which `restore` asks again.
   */
  subscribe(channels: readonly string[]): Promise<void>;
  unsubscribe(channels: readonly string[]): Promise<void>;
}

interface ChannelState {
  readonly handlers: Set<SubscriptionHandlers>;
  /** Settles with Redis' first answer to the subscription, however many connections it takes. */
  readonly answer: PromiseWithResolvers<void>;
  isAcknowledged: boolean;
  /** When the last handler left, by `performance.now`. */
  emptySinceMs: number | undefined;
}

/** How long a channel without handlers stays subscribed: views that remount must not flap. */
const defaultLingerMs = 5_000;

/**
 * Who listens to which channel over one connection: SUBSCRIBE when the first handler comes, UNSUBSCRIBE
 * when the last has been gone for a while, both batched. Each handler gets each message once; one that
 * throws hurts no other.
 */
export class SubscriptionTable {
  readonly #transport: SubscriptionTransport;
  readonly #channels = new Map<string, ChannelState>();
  readonly #telemetry: Telemetry;
  readonly #lingerMs: number;
  #batch: string[] | undefined;
  #lingering: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(transport: SubscriptionTransport, telemetry: Telemetry, lingerMs = defaultLingerMs) {
    this.#transport = transport;
    this.#telemetry = telemetry;
    this.#lingerMs = lingerMs;
  }

  /** Resolves when all of the channels are acknowledged. */
  async add(channels: readonly string[], handlers: SubscriptionHandlers): Promise<Subscription> {
    const own: SubscriptionHandlers = {
      onMessage: (message, channel) => handlers.onMessage(message, channel),
      onGap: () => handlers.onGap?.(),
    };
    const names = [...new Set(channels)];
    const answers = names.map((name) => this.#attach(name, own));
    const close = async () => {
      for (const name of names) {
        this.#detach(name, own);
      }
      await Promise.resolve();
    };
    try {
      await Promise.all(answers);
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
    const heard = names.filter((name) => this.#channels.get(name)?.isAcknowledged);
    if (names.length > 0 && (await this.#subscribe(names))) {
      this.gap(heard);
    }
  }

  /** Tells the handlers of these channels, each once, that messages may be missing. */
  gap(names: readonly string[]): void {
    const handlers = new Set(names.flatMap((name) => [...(this.#channels.get(name)?.handlers ?? [])]));
    for (const each of handlers) {
      try {
        each.onGap?.();
      } catch (error) {
        this.#report(error);
      }
    }
  }

  /** Whether anybody listens, or did so a moment ago. */
  has(name: string): boolean {
    return this.#channels.has(name);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#lingering);
    for (const { answer } of this.#channels.values()) {
      answer.reject(new RedisUnavailable("subscribe: the port is closed"));
    }
    this.#channels.clear();
  }

  #attach(name: string, handlers: SubscriptionHandlers): Promise<void> {
    let state = this.#channels.get(name);
    if (!state) {
      const answer = Promise.withResolvers<void>();
      // Who asked may have gone before the answer comes.
      answer.promise.catch(() => {});
      state = { handlers: new Set(), answer, isAcknowledged: false, emptySinceMs: undefined };
      if (this.#isClosed) {
        answer.reject(new RedisUnavailable("subscribe: the port is closed"));
        return answer.promise;
      }
      this.#channels.set(name, state);
      this.#subscribeSoon(name);
    }
    state.emptySinceMs = undefined;
    state.handlers.add(handlers);
    return state.answer.promise;
  }

  #detach(name: string, handlers: SubscriptionHandlers): void {
    const state = this.#channels.get(name);
    if (state?.handlers.delete(handlers) && state.handlers.size === 0) {
      state.emptySinceMs = performance.now();
      this.#scheduleUnsubscribe(this.#lingerMs);
    }
  }

  /** All channels asked for in one turn of the event loop share a SUBSCRIBE. */
  #subscribeSoon(name: string): void {
    if (!this.#batch) {
      const names: string[] = [];
      this.#batch = names;
      queueMicrotask(() => {
        this.#batch = undefined;
        void this.#subscribe(names);
      });
    }
    this.#batch.push(name);
  }

  /** False when the connection was lost before the answer: the next one brings it. */
  async #subscribe(names: readonly string[]): Promise<boolean> {
    try {
      await this.#transport.subscribe(names);
    } catch (error) {
      if (!(error instanceof RedisCoreError)) {
        return false;
      }
      if (names.length > 1) {
        // One of them is refused, for want of a permission: the others must not suffer.
        const answered = await Promise.all(names.map((name) => this.#subscribe([name])));
        return answered.every(Boolean);
      }
      this.#refuse(names, error);
      return true;
    }
    for (const name of names) {
      const state = this.#channels.get(name);
      if (state) {
        state.isAcknowledged = true;
        state.answer.resolve();
      }
    }
    return true;
  }

  #refuse(names: readonly string[], error: RedisCoreError): void {
    for (const name of names) {
      const state = this.#channels.get(name);
      if (state?.isAcknowledged) {
        this.#telemetry.log("error", "a subscription that stood was refused", { reason: error.message });
      } else if (state) {
        this.#channels.delete(name);
        state.answer.reject(error);
      }
    }
  }

  /** One timer for all channels, so that those left together are given up together. */
  #scheduleUnsubscribe(inMs: number): void {
    if (this.#lingering || this.#isClosed) {
      return;
    }
    this.#lingering = setTimeout(() => {
      this.#lingering = undefined;
      this.#unsubscribeDue();
    }, inMs);
    this.#lingering.unref();
  }

  #unsubscribeDue(): void {
    const nowMs = performance.now();
    const due: string[] = [];
    let nextInMs = Infinity;
    for (const [name, { emptySinceMs }] of this.#channels) {
      if (emptySinceMs !== undefined) {
        const inMs = emptySinceMs + this.#lingerMs - nowMs;
        // A timer may fire a moment early.
        if (inMs < 1) {
          due.push(name);
        } else {
          nextInMs = Math.min(nextInMs, inMs);
        }
      }
    }
    for (const name of due) {
      this.#channels.delete(name);
    }
    if (due.length > 0) {
      this.#transport.unsubscribe(due).catch(() => {});
    }
    if (nextInMs < Infinity) {
      this.#scheduleUnsubscribe(nextInMs);
    }
  }

  /** A handler's own error is its bug: it is told, and stops neither the others nor the process. */
  #report(error: unknown): void {
    this.#telemetry.count("redis_subscription_handler_errors_total");
    this.#telemetry.log("error", "a subscription handler threw", { error });
  }
}
