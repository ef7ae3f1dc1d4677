import type { Identity } from "../context/identity.ts";
import type { RequestContext } from "../context/request-context.ts";
import { toTrpcError } from "../errors/to-trpc-error.ts";

/** What a stream is given to live by. */
export interface StreamScope {
  /** Aborted when the client is gone or the stream must end. A stream then returns. */
  readonly signal: AbortSignal;
  /** Ends the stream with an error for the client. */
  readonly cut: (why: Error) => void;
  /** Resolves when the client can take more; a slow one costs nothing but this wait. */
  readonly writable: () => Promise<void>;
}

const CLIENT_GONE = Symbol("the client is gone");

/**
 * Runs one subscription: ends it when the client goes, when his session ends (with `SESSION_EXPIRED`), or when the
 * server drains; turns domain errors into tRPC's; and is counted while it lives: a WebSocket holds at most 32, a
 * member (or an address) 64 over SSE.
 */
export async function* liveStream<T>(
  request: RequestContext,
  member: Extract<Identity, { kind: "member" }> | null,
  clientSignal: AbortSignal | undefined,
  start: (scope: StreamScope) => AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  const { live } = request.deps;
  const ending = new AbortController();
  const { signal } = ending;
  const onGone = () => ending.abort(CLIENT_GONE);
  clientSignal?.addEventListener("abort", onGone, { once: true });
  if (clientSignal?.aborted) {
    onGone();
  }
  const cut = (why: Error) => ending.abort(why);
  const leave = enter(request, member?.userId ?? request.address, cut);
  const unwatch = member === null ? undefined : live.sessions.watch(member, cut);
  const writable = async () => {
    await request.source.writable?.(signal);
  };
  try {
    yield* start({ signal, cut, writable });
    const reason: unknown = signal.reason;
    if (signal.aborted && reason !== CLIENT_GONE) {
      throw reason;
    }
  } catch (error) {
    // tRPC ends an SSE response on an AbortError without a final frame, so that the client comes back.
    throw error instanceof Error && error.name === "AbortError" ? error : toTrpcError(error);
  } finally {
    clientSignal?.removeEventListener("abort", onGone);
    unwatch?.();
    leave();
  }
}

/** @throws {TRPCError} TOO_MANY_REQUESTS, `RATE_LIMITED` */
function enter(request: RequestContext, owner: string, cut: (why: Error) => void): () => void {
  const { deps, source } = request;
  try {
    return deps.live.enter({ transport: source.transport, connection: request, owner, cut });
  } catch (error) {
    throw toTrpcError(error);
  }
}
