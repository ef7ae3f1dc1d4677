import { encode } from "../codec/codec.ts";
import type { CoreContext } from "../context.ts";
import { orAborted } from "../or-aborted.ts";
import { checkSchema, type Schema } from "../schema.ts";
import { createChannelStream, type StreamOptions } from "./channel-stream.ts";
import { endWithCore } from "./end-with-core.ts";
import { createMessageReader } from "./message-reader.ts";
import { ringCommand, untilSharded } from "../sharding.ts";

export interface ChannelOptions<T> {
  /** `"live"`: to those who listen now. See `ReplayChannel` for messages that are kept. Default `"live"`. */
  readonly delivery?: "live";
  /** Checks messages before they are published and when they arrive. Without one, `T` is only believed. */
  readonly schema?: Schema<T>;
  /** Use sharded publish/subscribe where the Cluster has it. Every process must say the same. Default true. */
  readonly sharded?: boolean;
}

export interface SubscribeOptions {
  /**
   * Called when messages may have been lost: the connection dropped and is back. Read again whatever the
   * messages stand for.
   */
  readonly onGap?: () => void;
  /** Ends the subscription. Aborted before the acknowledgement, `subscribe` rejects with its reason. */
  readonly signal?: AbortSignal;
}

export interface ChannelSubscription {
  /** After this call no message reaches the handler. Safe to call twice; `core.close()` calls it. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Typed publish/subscribe, live only: at most once, in the order of each publisher, to those listening at
 * the moment. Redis keeps nothing; what must not be lost belongs in a log, with a message as its doorbell.
 *
 * @example
 * const orders = core.channel("orders", { schema: z.object({ id: z.string() }) });
 * await using listening = await orders.subscribe((order) => console.log(order.id));
 * await orders.publish({ id: "42" });
 */
export interface Channel<T> {
  /**
   * Sends a message to all present subscribers of all processes. One round trip; never resent.
   *
   * @throws {SchemaMismatch} when the message does not fit the schema; nothing is sent.
   * @throws {RedisUnavailable} or {OutcomeUnknown} without Redis.
   */
  publish(message: T): Promise<void>;
  /**
   * Resolves when Redis has acknowledged: what is published from now on arrives. All subscriptions of a
   * process share one connection and one Redis subscription per channel; closing one touches no other. A
   * handler that throws is reported and hurts no other. Messages that do not decode or fit the schema are
   * dropped and counted (`channel_messages_dropped_total`).
   */
  subscribe(handler: (message: T) => void, options?: SubscribeOptions): Promise<ChannelSubscription>;
  /**
   * Messages as an async iterable, subscribed at the first `next()` (use `subscribe` where the moment of
   * the acknowledgement matters). A reader that falls behind costs `maxQueued` messages of memory and no
   * more. Leaving the loop, `return()`, the signal and `core.close()` end it.
   */
  stream(options?: StreamOptions): AsyncIterableIterator<T, undefined>;
}

/** See `Channel`. Costs nothing until used. */
export function createChannel<T>(
  context: CoreContext,
  name: string,
  options: ChannelOptions<T> = {},
): Channel<T> {
  const redisChannel = context.keys.channel.live(name);
  const { schema, sharded = true } = options;
  const read = createMessageReader(context, name, schema);

  const channel: Channel<T> = {
    async publish(message) {
      const text = encode(schema ? checkSchema(schema, message) : message);
      await context.state.command(await ringCommand(context, sharded), [redisChannel], [text]);
    },

    async subscribe(handler, { onGap, signal } = {}) {
      signal?.throwIfAborted();
      let isOpen = true;
      const handlers = {
        onMessage(text: string) {
          const received = isOpen ? read(text) : null;
          if (received) {
            handler(received.message);
          }
        },
        onGap() {
          if (isOpen) {
            onGap?.();
          }
        },
      };
      // One node says at once that it is not sharded: all subscriptions of a turn then leave together.
      const subscribing = untilSharded(context, sharded, signal).then((isShardedHere) =>
        context.state.subscribe([redisChannel], handlers, { sharded: isShardedHere }),
      );
      const subscription = await orAborted(subscribing, signal).catch((error: unknown) => {
        isOpen = false;
        subscribing.then((late) => late.close()).catch(() => {});
        throw error;
      });
      const close = async () => {
        isOpen = false;
        forget();
        signal?.removeEventListener("abort", onAbort);
        await subscription.close();
      };
      const forget = endWithCore(context, close);
      const onAbort = () => void close();
      signal?.addEventListener("abort", onAbort, { once: true });
      return { close, [Symbol.asyncDispose]: close };
    },

    stream: (streamOptions) => createChannelStream(context, channel, streamOptions),
  };
  return channel;
}
