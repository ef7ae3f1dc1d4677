import type { Duration } from "../duration.ts";
import type { Schema } from "../schema.ts";
import type { ChannelSubscription } from "./channel.ts";

export interface ReplayChannelOptions<T> {
  readonly delivery: "replay";
  /** Checks messages before they are published and when they arrive. Without one, `T` is only believed. */
  readonly schema?: Schema<T>;
  /** How many messages are kept. Default 1000. */
  readonly retain?: number;
  /** How long a message is kept. Default `"1d"`. */
  readonly ttl?: Duration;
  /** How long a named consumer that no process serves is remembered. Default `"30d"`. */
  readonly consumerTtl?: Duration;
  /** How often a process that listens looks at the stream besides, for what no doorbell told. Default `"5s"`. */
  readonly lookEvery?: Duration;
  /** Ring by sharded publish/subscribe where the Cluster has it. Every process must say the same. Default true. */
  readonly sharded?: boolean;
}

/** `"now"`: what is published from now on. `"start"`: all that is kept. An id: what follows it. */
export type ReplayFrom = "now" | "start" | { readonly id: string };

/** Where a message stands. */
export interface Delivery {
  /** Hand it to `from: { id }` to go on after this message. Ids rise in the order of the channel. */
  readonly id: string;
  /** When it was published, by Redis' clock. */
  readonly atMs: number;
}

/** Messages that were dropped before they were read, by `retain`, by `ttl` or with Redis' memory. */
export interface ReplayGap {
  readonly type: "gap";
  /** The last message before it. */
  readonly after: string;
  /** The first one after it. */
  readonly before: string;
}

export type ReplayEvent<T> = ({ readonly type: "message"; readonly message: T } & Delivery) | ReplayGap;

export interface ReplayPage<T> {
  readonly events: readonly ReplayEvent<T>[];
  /** Hand it to the next `read`. It stays the same while nothing new is there. */
  readonly cursor: string;
}

export interface ReplaySubscribeOptions {
  /** Default `"now"`. */
  readonly from?: ReplayFrom;
  readonly onGap?: (gap: ReplayGap) => void;
  readonly signal?: AbortSignal;
  /** The most messages one round trip reads, and that wait for the reader in memory. Default 100. */
  readonly batch?: number;
}

export interface ReplayStreamOptions extends Omit<ReplaySubscribeOptions, "onGap"> {}

export interface ConsumerOptions {
  /** Where a consumer that Redis does not know begins. Default `"start"`. */
  readonly from?: ReplayFrom;
  /** How long a process may be silent before another takes the consumer over. Default `"15s"`. */
  readonly lease?: Duration;
  /** The most messages one round trip reads. Default 100. */
  readonly batch?: number;
}

export interface ConsumerDelivery extends Delivery {
  /** Aborted when the lease is lost: another process may be at work on this message. */
  readonly signal: AbortSignal;
}

export type ConsumerEvent<T> =
  | ({
      readonly type: "message";
      readonly message: T;
      /**
       * This message and all before it are handled: they are never delivered again. Resolves when Redis knows.
       * Acknowledgements made meanwhile share the next round trip.
       */
      acknowledge(): Promise<void>;
    } & ConsumerDelivery)
  | ReplayGap;

export interface ConsumerRunOptions {
  readonly onGap?: (gap: ReplayGap) => void;
  /**
   * What to do with a message whose handler threw for the `attempt`th time: `"retry"` after a growing pause
   * (the default: order is kept, so it holds the others up), or `"skip"` it as handled.
   */
  readonly onError?: (error: unknown, delivery: Delivery & { readonly attempt: number }) => "retry" | "skip";
  /** Ends it after the message at hand, which is acknowledged if its handler resolves. */
  readonly signal?: AbortSignal;
}

/**
 * A named consumer: a place in a channel that outlives processes. Of all the processes that serve it one at a time
 * holds its lease, handles messages in order and acknowledges them; when it dies, another goes on after the last
 * acknowledged one. At least once: what was handled but not yet acknowledged comes again.
 */
export interface ReplayConsumer<T> {
  /**
   * Handles messages one after the other, acknowledging each without waiting for it. Resolves when it is on its way:
   * serving, or waiting for whoever does. Its `close` waits for the message at hand.
   *
   * @throws {RedisUnavailable} or {OutcomeUnknown} without Redis; later outages are waited out.
   */
  run(
    handler: (message: T, delivery: ConsumerDelivery) => void | Promise<void>,
    options?: ConsumerRunOptions,
  ): Promise<ChannelSubscription>;
  /** The same as an async iterable whose reader acknowledges. Leaving the loop frees the consumer for others. */
  stream(options?: { readonly signal?: AbortSignal }): AsyncIterable<ConsumerEvent<T>>;
}

/**
 * A channel whose messages are kept for a while: a bounded stream in Redis with publish/subscribe as its doorbell.
 * Whoever knows an id goes on after it, whatever happened to his connection; where messages were dropped before he
 * read them he is told of a gap, in its place. Needs a socket but for `publish` and `read`.
 *
 * @example
 * const orders = core.channel("orders", { delivery: "replay", schema, retain: 10_000, ttl: "7d" });
 * await orders.publish({ id: "42" });
 * for await (const event of orders.stream({ from: { id: lastSeen }, signal })) {
 *   if (event.type === "gap") await readAgain();
 *   else lastSeen = event.id;
 * }
 */
export interface ReplayChannel<T> {
  /**
   * Keeps a message and rings where somebody listens. One round trip. With an `operationId` a repeat within a day
   * changes nothing and gives the same id, so a lost reply is asked for again; without one it is never resent.
   *
   * @returns the message's id.
   * @throws {SchemaMismatch} when the message does not fit the schema; nothing is kept.
   * @throws {RedisUnavailable} or {OutcomeUnknown} without Redis.
   */
  publish(message: T, options?: { readonly operationId?: string }): Promise<string>;
  /** A page of what is kept. One round trip, without a socket too. `cursor` null: from the oldest. */
  read(options?: { readonly cursor?: string | null; readonly limit?: number }): Promise<ReplayPage<T>>;
  /**
   * Calls the handler for each message in order, awaiting it; one that throws is counted and does not stop the
   * rest. Resolves when the start is fixed: what is published from now on arrives.
   */
  subscribe(
    handler: (message: T, delivery: Delivery) => void | Promise<void>,
    options?: ReplaySubscribeOptions,
  ): Promise<ChannelSubscription>;
  /** Messages and gaps as an async iterable. A slow reader costs `batch` messages of memory, then reads the stream. */
  stream(options?: ReplayStreamOptions): AsyncIterable<ReplayEvent<T>>;
  /** See `ReplayConsumer`. */
  consumer(name: string, options?: ConsumerOptions): ReplayConsumer<T>;
}
