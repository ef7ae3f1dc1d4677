import {
  type AnyTRPCRouter,
  callTRPCProcedure,
  isTrackedEnvelope,
  tracked,
  type TrackedEnvelope,
  TRPCError,
} from "@trpc/server";
import { handleForTopic, type RequestContext } from "../context/request-context.ts";
import { RateLimited, SessionExpired } from "../errors/domain-errors.ts";
import { toTrpcError } from "../errors/to-trpc-error.ts";
import type { FeedFrame } from "../routers/live/feed-frame.ts";
import type { FeedTopicInput } from "../routers/live/schemas.ts";
import { errorShapeOf } from "../trpc.ts";
import { markFeedBatch } from "./feed-batch.ts";
import { topicFingerprint } from "./feed-charges.ts";
import { mergeStreams } from "./merge-streams.ts";
import { isStream } from "./stream-output.ts";

interface FeedInput {
  readonly topics: readonly FeedTopicInput[];
  readonly memberId?: string | null | undefined;
}

const CLIENT_GONE = Symbol("the client is gone");

/**
 * Many subscriptions in one stream. Each is started through its own procedure, so that validation, membership, rate
 * limit, figures and session watch are what they are without a feed. One that is refused, fails or ends says so in a
 * frame of its own. The feed counts as one SSE stream and its topics among the owner's topics; opening the same topic
 * again within a minute costs him nothing of the limit `subscribe`.
 *
 * @throws {TRPCError} UNAUTHORIZED, `SESSION_EXPIRED` when it is to be another member's feed; TOO_MANY_REQUESTS
 */
export async function* liveFeed(
  router: AnyTRPCRouter,
  request: RequestContext,
  { topics, memberId }: FeedInput,
  clientSignal: AbortSignal | undefined,
): AsyncGenerator<TrackedEnvelope<FeedFrame[]>, void> {
  const ending = new AbortController();
  const { signal } = ending;
  const onGone = () => ending.abort(CLIENT_GONE);
  clientSignal?.addEventListener("abort", onGone, { once: true });
  let leave: (() => void) | undefined;
  try {
    const identity = await request.identity();
    const caller = identity.kind === "member" ? identity.userId : null;
    if (memberId != null && memberId !== caller) {
      throw new SessionExpired();
    }
    const owner = caller ?? request.address;
    leave = request.deps.live.enter({
      transport: request.source.transport,
      connection: request,
      owner,
      cut: (why) => ending.abort(why),
    });
    if (clientSignal?.aborted) {
      onGone();
    }
    const sources = topics.map((topic) => ({
      frames: (topicSignal: AbortSignal, writable: () => Promise<void>) =>
        topicFrames(router, request, owner, topic, topicSignal, writable),
    }));
    let count = 0;
    for await (const frames of mergeStreams(sources, signal)) {
      await request.source.writable?.(signal);
      count += 1;
      yield tracked(String(count), markFeedBatch(frames));
    }
    const reason: unknown = signal.reason;
    if (signal.aborted && reason !== CLIENT_GONE) {
      throw reason;
    }
  } catch (error) {
    // tRPC ends an SSE response on an AbortError without a final frame, so that the client comes back.
    throw isAbort(error) ? error : toTrpcError(error);
  } finally {
    clientSignal?.removeEventListener("abort", onGone);
    leave?.();
  }
}

/** One topic's frames; how it ended is the last. Throws nothing but what must end the whole feed. */
async function* topicFrames(
  router: AnyTRPCRouter,
  request: RequestContext,
  owner: string,
  { key, path, input, lastEventId }: FeedTopicInput,
  signal: AbortSignal,
  writable: () => Promise<void>,
): AsyncGenerator<FeedFrame, void> {
  const { feedCharges } = request.deps.live;
  const fingerprint = topicFingerprint(path, resumed(input, null));
  const isPaid = feedCharges.isPaid(owner, fingerprint);
  const ctx = handleForTopic(request, { writable, isPaid });
  try {
    const stream = await startTopic(router, ctx, path, lastEventId == null ? input : resumed(input, lastEventId), signal);
    feedCharges.note(owner, fingerprint);
    yield { key, started: true };
    for await (const frame of stream) {
      if (!isTrackedEnvelope(frame)) {
        throw new TypeError(`${path} yields frames without an id.`);
      }
      yield { key, id: frame[0], data: frame[1] };
    }
    yield { key, end: true };
  } catch (error) {
    if (signal.aborted || isAbort(error)) {
      throw error;
    }
    const known = toTrpcError(error);
    if (!isPaid && !(known.cause instanceof RateLimited)) {
      feedCharges.note(owner, fingerprint);
    }
    yield { key, error: errorShapeOf(known, path, ctx) };
  }
}

async function startTopic(
  router: AnyTRPCRouter,
  ctx: object,
  path: string,
  input: unknown,
  signal: AbortSignal,
): Promise<AsyncIterable<unknown>> {
  const stream: unknown = await callTRPCProcedure({
    router,
    path,
    type: "subscription",
    ctx,
    getRawInput: async () => input,
    signal,
    batchIndex: 0,
  });
  if (!isStream(stream)) {
    throw new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: `${path} is no stream.` });
  }
  return stream;
}

/** As a transport resumes a subscription. */
function resumed(input: unknown, lastEventId: string | null): unknown {
  return typeof input === "object" || input == null ? { ...input, lastEventId } : input;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
