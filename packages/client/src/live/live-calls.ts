import type { AppRouter } from "@cardinal/api";
import { getUntypedClient } from "@trpc/client";
import type { TRPCClient } from "@trpc/client";
import { createTRPCRecursiveProxy } from "@trpc/server";
import type {
  AnyTRPCSubscriptionProcedure,
  inferProcedureInput,
  inferProcedureOutput,
  TRPCRouterRecord,
} from "@trpc/server";
import { FrameIterator } from "./frame-iterator.ts";
import type { LiveFrames } from "./frame-iterator.ts";

const MOST_BUFFERED = 64;

export interface LiveCallOptions {
  /** Ends the loop when it is aborted, without an error. */
  signal?: AbortSignal;
  /** How many frames wait for a loop that is busy, before the subscription rests. Default 64, at least 1. */
  buffer?: number;
}

/** `{ id, data }`: a frame, and the id to come back with. */
type FrameOf<Procedure extends AnyTRPCSubscriptionProcedure> =
  inferProcedureOutput<Procedure> extends AsyncIterable<infer Frame, infer _Return, infer _Next> ? Frame : never;

type LiveCall<Procedure extends AnyTRPCSubscriptionProcedure> = (
  ...args: undefined extends inferProcedureInput<Procedure>
    ? [input?: inferProcedureInput<Procedure>, options?: LiveCallOptions]
    : [input: inferProcedureInput<Procedure>, options?: LiveCallOptions]
) => LiveFrames<FrameOf<Procedure>>;

type LiveRecord<Record extends TRPCRouterRecord> = {
  [Name in keyof Record as Record[Name] extends AnyTRPCSubscriptionProcedure
    ? Name
    : Record[Name] extends TRPCRouterRecord
      ? keyof LiveRecord<Record[Name]> extends never
        ? never
        : Name
      : never]: Record[Name] extends AnyTRPCSubscriptionProcedure
    ? LiveCall<Record[Name]>
    : Record[Name] extends TRPCRouterRecord
      ? LiveRecord<Record[Name]>
      : never;
};

/** Every subscription of the API as a call that answers its frames. */
export type LiveCalls = Omit<LiveRecord<AppRouter["_def"]["record"]>, "live">;

/**
 * Subscriptions to loop over, named as in the API.
 *
 * ```ts
 * for await (const { id, data } of live.chat.onEvent({ roomId, cursor }, { signal })) {
 *   if (data.kind === "batch") await store(data.events);
 * }
 * ```
 *
 * The subscription begins with the first `next()` and ends with the loop (`break`, `return`, `throw`), with `signal`
 * (the loop then just ends), when the server has no more to say, or when the client is closed. A refusal is thrown,
 * as a `TRPCClientError` that `readFault` reads, after the frames that came before it; what passes (a cut connection,
 * an overload) is not thrown but overcome.
 *
 * A loop that is slower than its frames costs at most `buffer` of them: then the subscription rests, and goes on after
 * the last one buffered when the loop has taken them. A log (chat) loses nothing by that; who falls more than 5 000
 * events behind gets `reset`, as after any long absence. State (presence, boards) goes on with its latest value. While
 * a presence subscription rests its member is not present.
 */
export function createLiveCalls(client: TRPCClient<AppRouter>): LiveCalls {
  const untyped = getUntypedClient(client);
  return createTRPCRecursiveProxy<LiveCalls>(({ path, args }) => {
    const [input, options = {}]: readonly [unknown?, LiveCallOptions?] = args as [];
    return new FrameIterator<{ id: string; data: unknown }>({
      most: Math.max(1, options.buffer ?? MOST_BUFFERED),
      signal: options.signal,
      open: (lastEventId, { onData, onError, onComplete }) =>
        untyped.subscription(
          path.join("."),
          lastEventId === undefined ? input : { ...Object(input ?? {}), lastEventId },
          { onData: (frame) => onData(frame as { id: string; data: unknown }), onError, onComplete },
        ),
    });
  });
}
