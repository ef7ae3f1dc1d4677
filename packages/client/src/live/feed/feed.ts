import { TRPCClientError } from "@trpc/client";
import { isPassing, readFault } from "../../errors.ts";
import { retryDelayMs } from "../backoff.ts";
import { FeedConnection } from "./feed-connection.ts";
import type { FeedFailure } from "./feed-connection.ts";
import type { FeedFrame, FeedSource, TopicError, TopicHandlers, TopicRequest, WireTopic } from "./feed-source.ts";

const GATHER_MS = 100;
/** One that goes is in no hurry: whoever turns a page also opens the next. */
const DISMISS_MS = 1_000;
/** How long the connection before stays, for topics that have not come yet over the new one. */
const OVERLAP_MS = 2_000;
/** The server ends a response after half an hour; asked for earlier, the next one comes without a break. */
const RENEW_MS = 25 * 60_000;
/** The server's most. */
const MOST_TOPICS = 128;
const MOST_INPUT_CHARACTERS = 4_096;

export interface FeedOptions {
  /** Of the procedure `live.feed`. */
  readonly url: string;
  readonly headers: () => Record<string, string>;
  /** Whose feed it must be; the server refuses it to anybody else. */
  readonly memberId?: string | null;
  /** Topics that come within this leave in one request. Default 100 ms; 0: with the current task. */
  readonly gatherMs?: number;
}

interface Topic {
  readonly request: TopicRequest;
  readonly handlers: TopicHandlers;
  cursor: string | undefined;
  isServed: boolean;
}

/**
 * All subscriptions of a client over one response.
 *
 * A topic that comes or goes opens the feed anew, each topic from the last frame that was delivered. From then on the
 * connection before is not read; if the new one fails it goes on, else it is dropped when every topic has come
 * over the new one. So each topic is delivered by one connection at a time: without a gap, and nothing twice, whatever
 * its frames are. A connection that is lost comes back with full jitter, or when the server says.
 */
export class Feed implements FeedSource {
  readonly #options: FeedOptions;
  readonly #gatherMs: number;
  readonly #topics = new Map<string, Topic>();
  #names = 0;
  /** Delivers. */
  #current: FeedConnection | null = null;
  /** Shall deliver next; `#current` is paused meanwhile. */
  #next: FeedConnection | null = null;
  /** Is kept until the topics have come over `#current`. */
  #previous: FeedConnection | null = null;
  #awaited = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAtMs = Number.POSITIVE_INFINITY;
  #overlap: ReturnType<typeof setTimeout> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  #hasChanged = false;
  #failures = 0;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#gatherMs = options.gatherMs ?? GATHER_MS;
  }

  /** Topics followed. */
  get size(): number {
    return this.#topics.size;
  }

  follow(request: TopicRequest, handlers: TopicHandlers): () => void {
    const fault = this.#faultOf(request);
    if (fault) {
      queueMicrotask(() => handlers.onError(fault));
      return () => undefined;
    }
    this.#names += 1;
    const key = this.#names.toString(36);
    this.#topics.set(key, { request, handlers, cursor: request.lastEventId, isServed: false });
    this.#change(this.#gatherMs);
    return () => {
      if (this.#topics.delete(key)) this.#change(DISMISS_MS);
    };
  }

  restart(): void {
    this.#drop();
    this.#failures = 0;
    this.#lose("the feed starts anew", 0);
  }

  close(): void {
    this.#topics.clear();
    this.#drop();
  }

  #change(withinMs: number): void {
    this.#hasChanged = true;
    // A lost feed comes back when it is due, with what is wanted by then.
    if (this.#current || this.#next || this.#dueAtMs === Number.POSITIVE_INFINITY) this.#schedule(withinMs);
  }

  #schedule(delayMs: number): void {
    const dueAtMs = Date.now() + delayMs;
    if (dueAtMs >= this.#dueAtMs) return;
    clearTimeout(this.#timer);
    this.#dueAtMs = dueAtMs;
    const open = () => {
      if (this.#dueAtMs !== dueAtMs) return;
      this.#dueAtMs = Number.POSITIVE_INFINITY;
      this.#open();
    };
    // A hidden page's timers may be a second late.
    if (delayMs <= 0) queueMicrotask(open);
    else this.#timer = setTimeout(open, delayMs);
  }

  #open(): void {
    // What came meanwhile waits until this one stands.
    if (this.#next) return;
    if (this.#topics.size === 0) {
      this.#drop();
      return;
    }
    this.#hasChanged = false;
    this.#forgetPrevious();
    this.#current?.pause();
    const topics = [...this.#topics].map(([key, topic]): WireTopic => wireTopic(key, topic));
    const connection: FeedConnection = new FeedConnection({
      url: this.#options.url,
      headers: this.#options.headers,
      memberId: this.#options.memberId ?? null,
      topics,
      isReplacement: this.#current !== null,
      onConnected: () => this.#onConnected(connection),
      onFrames: (frames) => this.#onFrames(connection, frames),
      onEnd: (failure) => this.#onEnd(connection, failure),
    });
    this.#next = connection;
  }

  #onConnected(connection: FeedConnection): void {
    if (connection !== this.#next) return;
    this.#next = null;
    this.#previous = this.#current;
    this.#current = connection;
    this.#awaited = new Set(connection.topics.map(({ key }) => key));
    this.#overlap = setTimeout(() => this.#forgetPrevious(), OVERLAP_MS);
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => this.#schedule(0), RENEW_MS * (0.8 + Math.random() * 0.2)); // jitter
    if (this.#hasChanged) this.#schedule(this.#gatherMs);
  }

  #onFrames(connection: FeedConnection, frames: readonly FeedFrame[]): void {
    for (const frame of frames) {
      // A handler may have restarted or closed the feed.
      if (connection !== this.#current) return;
      const topic = this.#topics.get(frame.key);
      if (!("started" in frame)) this.#awaited.delete(frame.key);
      if (topic) this.#deliver(topic, frame);
    }
    this.#failures = 0;
    if (this.#awaited.size === 0) this.#forgetPrevious();
  }

  #deliver(topic: Topic, frame: FeedFrame): void {
    if (("started" in frame || "data" in frame) && !topic.isServed) {
      topic.isServed = true;
      topic.handlers.onStarted();
    }
    if ("data" in frame) {
      topic.cursor = frame.id;
      topic.handlers.onData(frame.id, frame.data);
    } else if ("error" in frame) {
      this.#topics.delete(frame.key);
      topic.handlers.onError(frame.error);
    } else if ("end" in frame) {
      this.#topics.delete(frame.key);
      topic.handlers.onEnd();
    }
  }

  #onEnd(connection: FeedConnection, failure: FeedFailure | null): void {
    if (connection === this.#next) this.#next = null;
    else if (connection === this.#current) this.#current = null;
    else return;
    if (failure === null) {
      // All its topics have ended; one that came since is opened as any new one.
      if (this.#topics.size > 0) this.#change(GATHER_MS);
      else this.#drop();
      return;
    }
    if (failure.error && isFinal(failure.error)) {
      this.#refuse(failure.error);
      return;
    }
    const delayMs = failure.retryAfterMs ?? retryDelayMs(this.#failures);
    this.#failures += 1;
    if (this.#current) {
      // The one before goes on; what is new waits.
      this.#current.resume();
      this.#hasChanged = true;
      this.#schedule(delayMs);
    } else if (!this.#next) {
      this.#lose(failure.message, delayMs);
    }
  }

  /** No connection delivers; the next is opened after the delay. */
  #lose(why: string, delayMs: number): void {
    if (this.#topics.size === 0) return;
    clearTimeout(this.#timer);
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    this.#forgetPrevious();
    this.#schedule(delayMs);
    const retryAtMs = Date.now() + delayMs;
    for (const topic of this.#topics.values()) {
      topic.isServed = false;
      topic.handlers.onLost(why, retryAtMs);
    }
  }

  #refuse(error: TopicError): void {
    const topics = [...this.#topics.values()];
    this.close();
    for (const { handlers } of topics) handlers.onError(error);
  }

  #forgetPrevious(): void {
    clearTimeout(this.#overlap);
    this.#previous?.abort();
    this.#previous = null;
  }

  #drop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#renewal);
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    this.#forgetPrevious();
    const connections = [this.#current, this.#next];
    this.#current = null;
    this.#next = null;
    for (const connection of connections) connection?.abort();
  }

  /** What the server would refuse the whole feed for is refused here, alone. */
  #faultOf({ path, input }: TopicRequest): TopicError | null {
    if (this.#topics.size >= MOST_TOPICS) {
      return localError("TOO_MANY_REQUESTS", 429, -32029, "Too many subscriptions at once.", path);
    }
    if ((JSON.stringify(input)?.length ?? 0) > MOST_INPUT_CHARACTERS) {
      return localError("PAYLOAD_TOO_LARGE", 413, -32013, "The input of a subscription is too large.", path);
    }
    return null;
  }
}

function wireTopic(key: string, { request: { path, input }, cursor }: Topic): WireTopic {
  return {
    key,
    path,
    ...(input === undefined ? {} : { input }),
    ...(cursor === undefined ? {} : { lastEventId: cursor }),
  };
}

/** Whether asking again is no use. A server that knows no feed is one that is about to be replaced. */
function isFinal(error: TopicError): boolean {
  const fault = readFault(TRPCClientError.from({ error }));
  return !isPassing(fault) && fault.code !== "NOT_FOUND";
}

function localError(code: string, httpStatus: number, rpcCode: number, message: string, path: string): TopicError {
  const reason = code === "TOO_MANY_REQUESTS" ? ("RATE_LIMITED" as const) : ("PAYLOAD_TOO_LARGE" as const);
  const none = { requestId: null, rateLimit: null, sanction: null, issues: null, stack: null };
  const data = { code, httpStatus, path, reason, ...none };
  return { message, code: rpcCode as TopicError["code"], data };
}
