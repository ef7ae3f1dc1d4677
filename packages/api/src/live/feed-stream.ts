import { type AnyTRPCRouter, callTRPCProcedure, isTrackedEnvelope, tracked, type TrackedEnvelope, TRPCError } from "@trpc/server";
import { handleForTopic, type RequestContext } from "../context/request-context.ts";
import type { RequestHandle } from "../context/request-handle.ts";
import { RateLimited, SessionExpired } from "../errors/domain-errors.ts";
import { toTrpcError } from "../errors/to-trpc-error.ts";
import type { FeedFrame } from "../routers/live/feed-frame.ts";
import type { FeedTopicInput } from "../routers/live/schemas.ts";
import { errorShapeOf } from "../trpc.ts";
import { markFeedBatch } from "./feed-batch.ts";
import { topicFingerprint } from "./feed-charges.ts";
import { FrameMerge, type Lane } from "./frame-merge.ts";
import { PushStream } from "./push-stream.ts";
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
 * again within a minute costs him nothing of the limit `subscribe`. However many topics, a reader that takes nothing
 * costs eight frames.
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
    const { transport } = request.source;
    leave = request.deps.live.enter({ transport, connection: request, owner, cut: (why) => ending.abort(why) });
    if (clientSignal?.aborted) {
      onGone();
    }
    const merge = new FrameMerge<FeedFrame>();
    for (const topic of topics) {
      void new FeedTopic(router, request, owner, topic, merge).run(signal);
    }
    let count = 0;
    for await (const frames of merge.batches(signal)) {
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
    ending.abort(CLIENT_GONE);
    leave?.();
  }
}

/** One subscription on its way into the feed. */
class FeedTopic {
  readonly #router: AnyTRPCRouter;
  readonly #request: RequestContext;
  readonly #owner: string;
  readonly #topic: FeedTopicInput;
  readonly #merge: FrameMerge<FeedFrame>;
  readonly #lane: Lane<FeedFrame>;
  readonly #fingerprint: string;
  readonly #isPaid: boolean;
  readonly #ctx: RequestHandle;

  constructor(
    router: AnyTRPCRouter,
    request: RequestContext,
    owner: string,
    topic: FeedTopicInput,
    merge: FrameMerge<FeedFrame>,
  ) {
    this.#router = router;
    this.#request = request;
    this.#owner = owner;
    this.#topic = topic;
    this.#merge = merge;
    this.#lane = merge.open();
    this.#fingerprint = topicFingerprint(topic.path, resumed(topic.input, null));
    this.#isPaid = request.deps.live.feedCharges.isPaid(owner, this.#fingerprint);
    this.#ctx = handleForTopic(request, this.#isPaid);
  }

  /** Starts it, and lets it run until it ends or the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      const stream = await this.#start(signal);
      this.#noteCharge();
      if (signal.aborted) {
        return;
      }
      this.#lane.put({ key: this.#topic.key, started: true });
      if (stream instanceof PushStream) {
        this.#push(stream, signal);
      } else {
        await this.#iterate(stream, signal);
        if (!signal.aborted) {
          this.#end(null);
        }
      }
    } catch (error) {
      if (!signal.aborted) {
        this.#end(error instanceof Error ? error : new Error("the topic failed", { cause: error }));
      }
    }
  }

  async #start(signal: AbortSignal): Promise<AsyncIterable<unknown>> {
    const { path, input, lastEventId } = this.#topic;
    const stream: unknown = await callTRPCProcedure({
      router: this.#router,
      path,
      type: "subscription",
      ctx: this.#ctx,
      getRawInput: async () => (lastEventId == null ? input : resumed(input, lastEventId)),
      signal,
      batchIndex: 0,
    });
    if (!isStream(stream)) {
      throw new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: `${path} is no stream.` });
    }
    return stream;
  }

  #push(stream: PushStream<unknown>, signal: AbortSignal): void {
    const lane = this.#lane;
    const { key } = this.#topic;
    const feed = stream.pushInto({
      canTake: () => lane.canTake(),
      take: (id, data) => lane.put({ key, id, data }),
      end: (error) => this.#end(error),
    });
    lane.onRoom = () => feed.resume();
    signal.addEventListener("abort", () => feed.stop(), { once: true });
  }

  async #iterate(stream: AsyncIterable<unknown>, signal: AbortSignal): Promise<void> {
    const { key, path } = this.#topic;
    for await (const frame of stream) {
      if (!isTrackedEnvelope(frame)) {
        throw new TypeError(`${path} yields frames without an id.`);
      }
      await this.#lane.room(signal);
      if (signal.aborted) {
        return;
      }
      this.#lane.put({ key, id: frame[0], data: frame[1] });
    }
  }

  #end(error: Error | null): void {
    const { key, path } = this.#topic;
    if (isAbort(error)) {
      // The server stops: so does the feed, and its client comes back.
      this.#merge.fail(error);
    } else if (error === null) {
      this.#lane.put({ key, end: true });
    } else {
      const known = toTrpcError(error);
      if (!(known.cause instanceof RateLimited)) {
        this.#noteCharge();
      }
      this.#lane.put({ key, error: errorShapeOf(known, path, this.#ctx) });
    }
    this.#lane.close();
  }

  #noteCharge(): void {
    if (!this.#isPaid) {
      this.#request.deps.live.feedCharges.note(this.#owner, this.#fingerprint);
    }
  }
}

/** As a transport resumes a subscription. */
function resumed(input: unknown, lastEventId: string | null): unknown {
  return typeof input === "object" || input == null ? { ...input, lastEventId } : input;
}

function isAbort(error: unknown): error is Error {
  return error instanceof Error && error.name === "AbortError";
}
