import type { CoreContext } from "../context.ts";
import { toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";
import { waitUntil } from "../wait-until.ts";
import { ConsumerSession } from "./consumer-session.ts";
import { endWithCore } from "./end-with-core.ts";
import { parseEntryId } from "./entry-id.ts";
import type { MessageReader } from "./message-reader.ts";
import { assertCount, assertSocket, mostPerRead, startOf } from "./replay-options.ts";
import type { ReplayStore } from "./replay-store.ts";
import type { Doorbell } from "./replay-tail.ts";
import type {
  ConsumerDelivery,
  ConsumerEvent,
  ConsumerOptions,
  ConsumerRunOptions,
  ReplayConsumer,
} from "./replay-types.ts";
import { withinCore } from "./within-core.ts";

const firstRetryMs = 100;
const longestRetryMs = 10_000;

interface ConsumerParts<T> {
  readonly channel: string;
  readonly consumer: string;
  readonly store: ReplayStore;
  readonly doorbell: Doorbell;
  readonly readMessage: MessageReader<T>;
}

/** See `ReplayConsumer`. */
export function createReplayConsumer<T>(
  context: CoreContext,
  { channel, consumer, store, doorbell, readMessage }: ConsumerParts<T>,
  { from = "start", lease = "15s", batch = 100 }: ConsumerOptions,
): ReplayConsumer<T> {
  if (consumer === "") {
    throw new Misuse("a consumer needs a name");
  }
  assertCount(batch, "batch", mostPerRead);
  const options = { consumer, from: startOf(from), leaseMs: toPositiveMs(lease, "lease"), batch };
  const newSession = () => new ConsumerSession(context, store, doorbell, options);

  async function* events(signal: AbortSignal): AsyncGenerator<ConsumerEvent<T>, void> {
    const session = newSession();
    for await (const { item, held } of session.items(signal, () => {})) {
      if (item.kind === "gap") {
        yield { type: "gap", after: item.after, before: item.before };
        continue;
      }
      const { id } = item;
      const received = readMessage(item.text);
      if (!received) {
        session.handled(id);
        continue;
      }
      const acknowledge = () => session.acknowledge(id);
      const { atMs } = parseEntryId(id);
      yield { type: "message", message: received.message, id, atMs, signal: held, acknowledge };
    }
  }

  return {
    async run(handler, { onGap, onError, signal } = {}) {
      signal?.throwIfAborted();
      assertSocket(context);
      const session = newSession();
      const ending = new AbortController();
      const started = Promise.withResolvers<void>();

      const tell = (what: () => void) => {
        try {
          what();
        } catch (error) {
          report(error);
        }
      };
      const report = (error: unknown) => {
        context.telemetry.count("channel_handler_errors_total");
        context.telemetry.log("error", "a consumer's handler threw", { channel, consumer, error });
      };
      /** False: it was not handled, and whoever holds the consumer next begins with it. */
      const handle = async (message: T, delivery: ConsumerDelivery): Promise<boolean> => {
        const over = AbortSignal.any([delivery.signal, ending.signal]);
        for (let attempt = 1; ; attempt += 1) {
          try {
            await handler(message, delivery);
            return true;
          } catch (error) {
            report(error);
            const { id, atMs } = delivery;
            if (!over.aborted && decide(onError, error, { id, atMs, attempt }) === "skip") {
              return true;
            }
          }
          await waitUntil(retryPauseMs(attempt), { signal: over });
          if (over.aborted) {
            return false;
          }
        }
      };
      const work = async () => {
        for await (const { item, held } of session.items(ending.signal, started.resolve)) {
          if (item.kind === "gap") {
            tell(() => onGap?.({ type: "gap", after: item.after, before: item.before }));
            continue;
          }
          const { id } = item;
          const received = readMessage(item.text);
          if (!received || (await handle(received.message, { id, ...parseTime(id), signal: held }))) {
            // Should this fail, the next call to Redis says it again.
            session.acknowledge(id).catch(() => {});
          }
        }
      };
      const working = work().catch((error: unknown) => started.reject(error));

      const close = async () => {
        forget();
        signal?.removeEventListener("abort", onAbort);
        ending.abort();
        started.reject(signal?.reason ?? new Misuse("the consumer was closed"));
        await working;
      };
      const forget = endWithCore(context, close);
      const onAbort = () => void close();
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        await started.promise;
      } catch (error) {
        await close();
        throw error;
      }
      return { close, [Symbol.asyncDispose]: close };
    },

    stream({ signal } = {}) {
      assertSocket(context);
      return withinCore(context, signal, events);
    },
  };
}

function parseTime(id: string): { atMs: number } {
  return { atMs: parseEntryId(id).atMs };
}

/** A handler that cannot tell what to do with its failure is asked again. */
function decide(
  onError: ConsumerRunOptions["onError"],
  ...failure: Parameters<NonNullable<ConsumerRunOptions["onError"]>>
): "retry" | "skip" {
  try {
    return onError?.(...failure) ?? "retry";
  } catch {
    return "retry";
  }
}

function retryPauseMs(attempt: number): number {
  const jitter = 0.5 + Math.random() / 2;
  return Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempt - 1, 10)) * jitter;
}
