import { type CoreContext, runOn } from "../context.ts";
import type { RedisReply } from "../port.ts";
import { ringCommand } from "../sharding.ts";
import { appendScript, consumeScript, readScript } from "./scripts.ts";

const operationTtlMs = 86_400_000;

export interface ReplaySettings {
  readonly name: string;
  readonly retain: number;
  readonly ttlMs: number;
  readonly consumerTtlMs: number;
  readonly lookEveryMs: number;
  readonly sharded: boolean;
}

export interface StoredEntry {
  readonly id: string;
  readonly text: string;
}

export interface ReadReply {
  /** Id of the newest entry; empty for none. */
  readonly newest: string;
  readonly entries: readonly StoredEntry[];
}

export type ConsumeReply =
  | { readonly state: "busy"; readonly freeInMs: number }
  | ({ readonly state: "held"; readonly cursor: string } & ReadReply);

/** The calls of a channel with replay, each one round trip. All but an append without operation id are idempotent. */
export function createReplayStore(context: CoreContext, settings: ReplaySettings) {
  const { name, retain, ttlMs, consumerTtlMs } = settings;
  // The listening mark outlives three looks at the stream, so that one lost to the network costs nothing.
  const listeningTtlMs = settings.lookEveryMs * 3;
  const keys = context.keys.channel;
  const stream = keys.stream(name);
  const listening = keys.listening(name);
  const doorbell = keys.doorbell(name);
  const ring = () => ringCommand(context, settings.sharded);

  return {
    doorbell,

    append: async (text: string, operationId: string | undefined): Promise<string> =>
      String(
        await runOn(
          context,
          "state",
          appendScript,
          {
            keys: { stream, listening, operation: keys.operation(name, operationId ?? "none") },
            args: {
              message: text,
              retain,
              ttl: ttlMs,
              operation_ttl: operationId === undefined ? 0 : operationTtlMs,
              ring: await ring(),
              doorbell,
            },
          },
          { resend: operationId === undefined ? "never" : "once" },
        ),
      ),

    read: async (after: string, limit: number, isListening: boolean): Promise<ReadReply> => {
      const [newest = "", ...pairs] = texts(
        await runOn(
          context,
          "state",
          readScript,
          {
            keys: { stream, listening },
            args: { after, limit, listening_ttl: isListening ? listeningTtlMs : 0 },
          },
          { resend: "once" },
        ),
      );
      return { newest, entries: toEntries(pairs) };
    },

    consume: async (
      consumer: string,
      ask: {
        readonly token: string;
        readonly leaseMs: number;
        readonly acknowledged: string;
        readonly after: string;
        readonly limit: number;
        readonly from: string;
      },
    ): Promise<ConsumeReply> => {
      const [state, first = "", newest = "", ...pairs] = texts(
        await runOn(
          context,
          "state",
          consumeScript,
          {
            keys: { stream, listening, consumer: keys.consumer(name, consumer) },
            args: {
              token: ask.token,
              lease: ask.leaseMs,
              acknowledged: ask.acknowledged,
              after: ask.after,
              limit: ask.limit,
              from: ask.from,
              ttl: consumerTtlMs,
              listening_ttl: listeningTtlMs,
              ring: await ring(),
              doorbell,
              name: consumer,
            },
          },
          { resend: "once" },
        ),
      );
      return state === "busy"
        ? { state, freeInMs: Number(first) }
        : { state: "held", cursor: first, newest, entries: toEntries(pairs) };
    },
  };
}

export type ReplayStore = ReturnType<typeof createReplayStore>;

function texts(reply: RedisReply): string[] {
  return Array.isArray(reply) ? reply.map((item) => (Array.isArray(item) ? "" : String(item ?? ""))) : [];
}

function toEntries(pairs: readonly string[]): StoredEntry[] {
  const entries: StoredEntry[] = [];
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    entries.push({ id: pairs[index] ?? "", text: pairs[index + 1] ?? "" });
  }
  return entries;
}
