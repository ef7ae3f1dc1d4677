import type { CoreContext } from "../context.ts";
import type { Channel, ChannelSubscription } from "./channel.ts";
import { endWithCore } from "./end-with-core.ts";
import { MessageQueue } from "./message-queue.ts";

export interface StreamOptions {
  /**
   * Called where messages are missing: the connection dropped, or the reader fell behind. It comes in its
   * place, after the last message before the gap and before the first one after it.
   */
  readonly onGap?: () => void;
  /** Ends the stream at once. The loop finishes; nothing is thrown. */
  readonly signal?: AbortSignal;
  /** Messages that may wait for the reader. One more, and all of them become a gap. Default 1000. */
  readonly maxQueued?: number;
}

/** See `Channel.stream`. */
export function createChannelStream<T>(
  context: CoreContext,
  channel: Pick<Channel<T>, "subscribe">,
  { onGap = () => {}, signal, maxQueued = 1_000 }: StreamOptions = {},
): AsyncIterableIterator<T, undefined> {
  const queue = new MessageQueue<T>(maxQueued, onGap);
  const ending = new AbortController();
  let subscribing: Promise<ChannelSubscription> | undefined;
  let forget = () => {};

  const end = () => {
    forget();
    signal?.removeEventListener("abort", onAbort);
    ending.abort();
    return queue.return();
  };
  const onAbort = () => void end();
  if (signal?.aborted) {
    onAbort();
  }
  signal?.addEventListener("abort", onAbort, { once: true });

  const stream: AsyncIterableIterator<T, undefined> = {
    async next() {
      if (!queue.isEnded) {
        if (!subscribing) {
          const onMessage = (message: T) => queue.push(message);
          subscribing = channel.subscribe(onMessage, { onGap: () => queue.gap(), signal: ending.signal });
          forget = endWithCore(context, end);
        }
        await subscribing.catch((error: unknown) => {
          if (!ending.signal.aborted) {
            throw error;
          }
        });
      }
      return await queue.next();
    },
    return: end,
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}
