import { encode } from "../codec/codec.ts";
import type { CoreContext } from "../context.ts";
import { toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";
import { checkSchema } from "../schema.ts";
import { endWithCore } from "./end-with-core.ts";
import { beforeFirst, parseEntryId } from "./entry-id.ts";
import { createMessageReader, type MessageReader } from "./message-reader.ts";
import { createReplayConsumer } from "./replay-consumer.ts";
import { assertCount, assertSocket, mostPerRead, startOf } from "./replay-options.ts";
import { lastIdOf, readOn, type ReplayItem, withGaps } from "./replay-reader.ts";
import { createReplayStore } from "./replay-store.ts";
import { doorbellOf } from "./replay-tail.ts";
import type {
  ReplayChannel,
  ReplayChannelOptions,
  ReplayEvent,
  ReplayStreamOptions,
} from "./replay-types.ts";
import { withinCore } from "./within-core.ts";

/** See `ReplayChannel`. Costs nothing until used. */
export function createReplayChannel<T>(
  context: CoreContext,
  name: string,
  options: ReplayChannelOptions<T>,
): ReplayChannel<T> {
  const { schema, retain = 1_000, sharded = true } = options;
  assertCount(retain, "retain", 10_000_000);
  const lookEveryMs = toPositiveMs(options.lookEvery ?? "5s", "lookEvery");
  const store = createReplayStore(context, {
    name,
    retain,
    ttlMs: toPositiveMs(options.ttl ?? "1d", "ttl"),
    consumerTtlMs: toPositiveMs(options.consumerTtl ?? "30d", "consumerTtl"),
    sharded,
    lookEveryMs,
  });
  const doorbell = doorbellOf(context, store, { sharded, lookEveryMs });
  const readMessage = createMessageReader(context, name, schema);

  async function* events(
    { from = "now", batch = 100 }: ReplayStreamOptions,
    signal: AbortSignal,
    onStarted = () => {},
  ): AsyncGenerator<ReplayEvent<T>, void> {
    for await (const item of readOn(context, store, doorbell, { from: startOf(from), batch, signal, onStarted })) {
      const event = toEvent(item, readMessage);
      if (event) {
        yield event;
      }
    }
  }

  return {
    async publish(message, { operationId } = {}) {
      const text = encode(schema ? checkSchema(schema, message) : message);
      return await store.append(text, operationId);
    },

    async read({ cursor = null, limit = 100 } = {}) {
      assertCount(limit, "limit", mostPerRead);
      const after = cursor ?? "";
      if (after !== "") {
        parseEntryId(after);
      }
      const items = withGaps(after, await store.read(after, limit, false));
      return {
        events: items.flatMap((item) => toEvent(item, readMessage) ?? []),
        cursor: lastIdOf(items) ?? (after || beforeFirst),
      };
    },

    async subscribe(handler, { onGap, signal, ...start } = {}) {
      signal?.throwIfAborted();
      assertSocket(context);
      assertCount(start.batch ?? 1, "batch", mostPerRead);
      startOf(start.from ?? "now");
      const ending = new AbortController();
      const close = async () => {
        forget();
        signal?.removeEventListener("abort", onAbort);
        ending.abort();
        await Promise.resolve();
      };
      const forget = endWithCore(context, close);
      const onAbort = () => void close();
      signal?.addEventListener("abort", onAbort, { once: true });
      const started = Promise.withResolvers<void>();
      const run = async () => {
        for await (const event of events(start, ending.signal, started.resolve)) {
          if (ending.signal.aborted) {
            return;
          }
          try {
            await (event.type === "gap"
              ? onGap?.(event)
              : handler(event.message, { id: event.id, atMs: event.atMs }));
          } catch (error) {
            context.telemetry.count("channel_handler_errors_total");
            context.telemetry.log("error", "a channel's handler threw", { channel: name, error });
          }
        }
      };
      const onGivenUp = () => started.reject(signal?.reason ?? new Misuse("the core was closed"));
      ending.signal.addEventListener("abort", onGivenUp, { once: true });
      run().catch((error: unknown) => {
        started.reject(error);
        void close();
      });
      await started.promise;
      return { close, [Symbol.asyncDispose]: close };
    },

    stream(streamOptions = {}) {
      assertSocket(context);
      assertCount(streamOptions.batch ?? 1, "batch", mostPerRead);
      startOf(streamOptions.from ?? "now");
      return withinCore(context, streamOptions.signal, (signal) => events(streamOptions, signal));
    },

    consumer: (consumer, consumerOptions = {}) =>
      createReplayConsumer(context, { channel: name, consumer, store, doorbell, readMessage }, consumerOptions),
  };
}

function toEvent<T>(item: ReplayItem, readMessage: MessageReader<T>): ReplayEvent<T> | null {
  if (item.kind === "gap") {
    return { type: "gap", after: item.after, before: item.before };
  }
  const received = readMessage(item.text);
  return received
    ? { type: "message", message: received.message, id: item.id, atMs: parseEntryId(item.id).atMs }
    : null;
}
