import type { AppRouter } from "@cardinal/api";
import { createWSClient, wsLink } from "@trpc/client";
import type { TRPCLink, TRPCWebSocketClient } from "@trpc/client";
import { retryDelayMs } from "./backoff.ts";
import type { ConnectionTracker, LiveTransport } from "./connection.ts";
import { feedLink } from "./feed/feed-link.ts";
import type { FeedSource } from "./feed/feed-source.ts";

const FAILURE_WINDOW_MS = 10_000;
const FAILURES_BEFORE_DOUBT = 2;

export interface LiveTransportsOptions {
  httpUrl: string;
  webSocketUrl: string;
  transport: LiveTransport | "auto";
  tracker: ConnectionTracker;
  getToken?: () => string | null;
  /** Absent where the runtime has none (Node 20): then everything runs over SSE. */
  WebSocket?: typeof WebSocket;
  /** Made when SSE is first used: one for all subscriptions. */
  createFeed: () => FeedSource;
  fetch: (url: string) => Promise<{ status: number }>;
  now: () => number;
}

/** One running subscription, which can be lifted off one transport and put on another. */
export interface LiveSubscription {
  detach(): void;
  attach(): void;
  /** Ends it for good, as completed. */
  end(): void;
}

/**
 * The transport that subscriptions run on: WebSocket, or SSE once WebSocket proves unusable.
 *
 * A server that is down must not drive everybody to SSE. So after two failed openings within 10 s the API is
 * asked over HTTP, and only if it answers while the next opening fails too, the running subscriptions move,
 * each from the last event it saw.
 */
export class LiveTransports {
  readonly #options: LiveTransportsOptions;
  readonly #subscriptions = new Set<LiveSubscription>();
  #kind: LiveTransport;
  #webSocket: TRPCWebSocketClient | null = null;
  #link: TRPCLink<AppRouter> | null = null;
  #feed: FeedSource | null = null;
  #failedAtMs: number[] = [];
  #httpAnsweredAtMs: number | null = null;
  #closed = false;

  constructor(options: LiveTransportsOptions) {
    this.#options = options;
    const hasWebSocket = options.WebSocket !== undefined;
    this.#kind = options.transport === "sse" || !hasWebSocket ? "sse" : "websocket";
    options.tracker.setTransport(this.#kind);
  }

  get kind(): LiveTransport {
    return this.#kind;
  }

  /** The link that opens subscriptions now. */
  get link(): TRPCLink<AppRouter> {
    this.#link ??= this.#kind === "websocket" ? this.#webSocketLink() : this.#feedLink();
    return this.#link;
  }

  add(subscription: LiveSubscription): void {
    this.#subscriptions.add(subscription);
  }

  remove(subscription: LiveSubscription): void {
    this.#subscriptions.delete(subscription);
  }

  /** Drops the connection and opens a new one at once, every subscription resuming where it stood. */
  restart(kind: LiveTransport = this.#kind): void {
    if (this.#closed) return;
    const subscriptions = [...this.#subscriptions];
    for (const subscription of subscriptions) subscription.detach();
    if (kind === "sse" && this.#feed) this.#feed.restart();
    else this.#discard();
    this.#kind = kind;
    this.#options.tracker.setTransport(kind);
    for (const subscription of subscriptions) subscription.attach();
  }

  close(): void {
    this.#closed = true;
    for (const subscription of this.#subscriptions) subscription.end();
    this.#subscriptions.clear();
    this.#discard();
  }

  #feedLink(): TRPCLink<AppRouter> {
    this.#feed = this.#options.createFeed();
    return feedLink(this.#feed, this.#options.tracker);
  }

  #discard(): void {
    this.#feed?.close();
    this.#feed = null;
    // The last state of a discarded client is nobody's business any more.
    void this.#webSocket?.close().catch(() => undefined);
    this.#webSocket = null;
    this.#link = null;
    this.#failedAtMs = [];
    this.#httpAnsweredAtMs = null;
  }

  #webSocketLink(): TRPCLink<AppRouter> {
    const { webSocketUrl, getToken, tracker, now } = this.#options;
    let openSockets = 0;
    const client = createWSClient({
      url: webSocketUrl,
      ...(this.#options.WebSocket ? { WebSocket: this.#options.WebSocket } : {}),
      ...(getToken ? { connectionParams: () => tokenParams(getToken()) } : {}),
      retryDelayMs: (attempt) => {
        const delayMs = retryDelayMs(attempt);
        tracker.setRetryAt(now() + delayMs);
        return delayMs;
      },
      keepAlive: { enabled: true, intervalMs: 20_000, pongTimeoutMs: 10_000 },
      lazy: { enabled: true, closeMs: 30_000 },
      onOpen: () => {
        openSockets += 1;
        this.#failedAtMs = [];
        this.#httpAnsweredAtMs = null;
      },
      onClose: () => {
        if (openSockets > 0) openSockets -= 1;
        else if (client === this.#webSocket) this.#onFailedOpening();
      },
    });
    this.#webSocket = client;
    return wsLink<AppRouter>({ client });
  }

  #onFailedOpening(): void {
    if (this.#options.transport === "websocket" || this.#options.tracker.state === "offline") return;
    const nowMs = this.#options.now();
    if (this.#httpAnsweredAtMs !== null) {
      this.restart("sse");
      return;
    }
    this.#failedAtMs = [...this.#failedAtMs.filter((atMs) => nowMs - atMs <= FAILURE_WINDOW_MS), nowMs];
    if (this.#failedAtMs.length >= FAILURES_BEFORE_DOUBT) void this.#askOverHttp(this.#webSocket);
  }

  async #askOverHttp(client: TRPCWebSocketClient | null): Promise<void> {
    const status = await this.#options.fetch(`${this.#options.httpUrl}/health.get`).then(
      (response) => response.status,
      () => null,
    );
    if (client !== this.#webSocket || status === null || status >= 500) return;
    if (this.#failedAtMs.length > 0) this.#httpAnsweredAtMs = this.#options.now();
  }
}

function tokenParams(token: string | null): { token: string } | null {
  return token === null ? null : { token };
}
