import type { Channel, ChannelSubscription } from "./channel.ts";
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
  channel: Pick<Channel<T>, "subscribe">,
  { onGap = () => {}, signal, maxQueued = 1_000 }: StreamOptions = {},
): AsyncIterableIterator<T, undefined> {
  const queue = new MessageQueue<T>(maxQueued, onGap);
  let subscribing: Promise<ChannelSubscription> | undefined;

  const end = () => {
    signal?.removeEventListener("abort", onAbort);
    // The acknowledgement may still be on its way; whoever waits for it in next() hears of a failure.
    subscribing?.then((subscription) => subscription.close()).catch(() => {});
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
        subscribing ??= channel.subscribe((message) => queue.push(message), { onGap: () => queue.gap() });
        await subscribing;
      }
      return await queue.next();
    },
    return: end,
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}
