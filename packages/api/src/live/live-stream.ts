import type { Identity } from "../context/identity.ts";
import type { RequestContext } from "../context/request-context.ts";
import { RateLimited } from "../errors/domain-errors.ts";
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

/** A page opens a handful over its one connection. */
const MOST_STREAMS = 32;
const RETRY_AFTER_MS = 1_000;

/** Open streams of each connection; over HTTP every stream has a request of its own. */
const openStreams = new WeakMap<RequestContext, number>();

const CLIENT_GONE = Symbol("the client is gone");

/**
 * Runs one subscription: ends it when the client goes, when his session ends (with `SESSION_EXPIRED`), or when the
 * server drains; turns domain errors into tRPC's; and is counted while it lives. One connection holds at most 32.
 */
export async function* liveStream<T>(
  request: RequestContext,
  member: Extract<Identity, { kind: "member" }> | null,
  clientSignal: AbortSignal | undefined,
  start: (scope: StreamScope) => AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  const { live } = request.deps;
  const open = openStreams.get(request) ?? 0;
  if (open >= MOST_STREAMS) {
    throw toTrpcError(tooManyStreams(request.deps.now()));
  }
  openStreams.set(request, open + 1);
  const ending = new AbortController();
  const { signal } = ending;
  const onGone = () => ending.abort(CLIENT_GONE);
  clientSignal?.addEventListener("abort", onGone, { once: true });
  if (clientSignal?.aborted) {
    onGone();
  }
  const cut = (why: Error) => ending.abort(why);
  const leave = live.enter({ transport: request.source.transport, cut });
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
    openStreams.set(request, (openStreams.get(request) ?? 1) - 1);
  }
}

function tooManyStreams(nowMs: number): RateLimited {
  return new RateLimited({
    policy: "streams-per-connection",
    limit: MOST_STREAMS,
    remaining: 0,
    retryAfterMs: RETRY_AFTER_MS,
    resetAtMs: nowMs + RETRY_AFTER_MS,
  });
}
