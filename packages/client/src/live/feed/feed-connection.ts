import { EventSourceParserStream } from "eventsource-parser/stream";
import type { EventSourceMessage } from "eventsource-parser/stream";
import type { FeedFrame, TopicError, WireTopic } from "./feed-source.ts";

const CONNECT_WITHIN_MS = 10_000;
/** While another one waits, unread, for this one to take over. */
const REPLACE_WITHIN_MS = 5_000;
/** Until the server has said how long to wait for a sign of life. */
const SILENCE_MS = 40_000;

/** Why a connection is over. `error`: what the API said; `retryAfterMs`: when it wants to be asked again. */
export interface FeedFailure {
  readonly message: string;
  readonly error: TopicError | null;
  readonly retryAfterMs: number | null;
}

export interface FeedConnectionOptions {
  /** Of the procedure `live.feed`. */
  readonly url: string;
  readonly headers: () => Record<string, string>;
  readonly memberId: string | null;
  readonly topics: readonly WireTopic[];
  readonly isReplacement: boolean;
  /** The first sign of life. May be called again. */
  readonly onConnected: () => void;
  readonly onFrames: (frames: readonly FeedFrame[]) => void;
  /** Over by itself: null when the server had nothing more to say. */
  readonly onEnd: (failure: FeedFailure | null) => void;
}

/**
 * One response of the feed: a POST, so that any number of topics fits, read as an event stream. While it is paused it
 * is not read, and says nothing; what it holds stays in the network's buffers and with the server.
 */
export class FeedConnection {
  readonly topics: readonly WireTopic[];
  readonly #options: FeedConnectionOptions;
  readonly #aborting = new AbortController();
  #isOver = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silenceMs = SILENCE_MS;
  #paused: PromiseWithResolvers<void> | null = null;

  constructor(options: FeedConnectionOptions) {
    this.#options = options;
    this.topics = options.topics;
    this.#expectWithin(options.isReplacement ? REPLACE_WITHIN_MS : CONNECT_WITHIN_MS);
    void this.#run();
  }

  pause(): void {
    this.#paused ??= Promise.withResolvers<void>();
    clearTimeout(this.#timer);
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = null;
    this.#expectWithin(this.#silenceMs);
  }

  abort(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#paused?.resolve();
    this.#aborting.abort();
  }

  async #run(): Promise<void> {
    const { url, headers, memberId, topics } = this.#options;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "text/event-stream", ...headers() },
        body: JSON.stringify(memberId === null ? { topics } : { topics, memberId }),
        cache: "no-store",
        signal: this.#aborting.signal,
      });
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
      if (!response.ok || !isStream || response.body === null) {
        this.#end(await failureOf(response));
        return;
      }
      const events = response.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream())
        .getReader();
      for (;;) {
        const { done, value } = await events.read();
        await this.#paused?.promise;
        if (this.#isOver) return;
        if (done) {
          this.#end({ message: "the feed was cut off", error: null, retryAfterMs: null });
          return;
        }
        this.#onEvent(value);
      }
    } catch (error) {
      await this.#paused?.promise;
      const message = error instanceof Error ? error.message : String(error);
      this.#end({ message, error: null, retryAfterMs: null });
    }
  }

  #onEvent({ event, data }: EventSourceMessage): void {
    switch (event) {
      case "connected": {
        const { reconnectAfterInactivityMs }: { reconnectAfterInactivityMs?: number } = JSON.parse(data);
        this.#silenceMs = reconnectAfterInactivityMs ?? SILENCE_MS;
        // No sign of life yet: the topics may still be refused together.
        return;
      }
      case "serialized-error":
        this.#end(refusal(JSON.parse(data)));
        return;
      case "return":
        this.#options.onConnected();
        this.#end(null);
        return;
      case "ping":
        this.#options.onConnected();
        break;
      case undefined:
        this.#options.onConnected();
        if (!this.#isOver) this.#options.onFrames(JSON.parse(data));
        break;
    }
    if (!this.#paused) this.#expectWithin(this.#silenceMs);
  }

  #expectWithin(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    this.#timer = setTimeout(
      () => this.#end({ message: `nothing was heard for ${ms} ms`, error: null, retryAfterMs: null }),
      ms,
    );
  }

  #end(failure: FeedFailure | null): void {
    if (this.#isOver) return;
    this.abort();
    this.#options.onEnd(failure);
  }
}

function refusal(error: TopicError): FeedFailure {
  const retryAfterMs = error.data.rateLimit?.retryAfterMs ?? null;
  return { message: error.message, error, retryAfterMs };
}

/** An answer that is no stream: the API's own refusal, or a proxy's page. */
async function failureOf(response: Response): Promise<FeedFailure> {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : null;
  const body: unknown = await response.json().catch(() => null);
  const error = Object(body).error;
  if (typeof error?.data?.code === "string") return { ...refusal(error), ...(retryAfterMs !== null && { retryAfterMs }) };
  return { message: `the server answered ${response.status}`, error: null, retryAfterMs };
}
