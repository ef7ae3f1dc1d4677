import type { AppRouter } from "@cardinal/api";
import { httpBatchLink, httpLink, splitLink } from "@trpc/client";
import type { Operation, TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import { readFault } from "./errors.ts";
import type { CallFault } from "./errors.ts";
import { ConnectionTracker } from "./live/connection.ts";
import type { Connection, LiveTransport } from "./live/connection.ts";
import { Feed } from "./live/feed/feed.ts";
import { liveLink } from "./live/live-link.ts";
import { LiveTransports } from "./live/live-transports.ts";
import { watchNetwork } from "./live/network.ts";
import { MemberFeed } from "./live/tabs/member-feed.ts";
import { findTabPlatform } from "./live/tabs/tab-platform.ts";

const API_PATH = "/api/trpc";
const MAX_URL_LENGTH = 4_000;
const MAX_BATCH = 10;

export interface CardinalLinksOptions {
  /** Where the server answers, without a path: `http://localhost:3000`. */
  url: string;
  /** A session token. In a browser leave it out: the cookie speaks. */
  token?: string | (() => string | null);
  /** `auto`, the default: WebSocket, and SSE where it proves unusable. */
  transport?: LiveTransport | "auto";
  /**
   * For pages: tabs of one member share one SSE response, where SSE is in use. `member` answers the id of who is signed
   * in on this page, or null, and is asked again at every `restart()`.
   */
  tabs?: { member: () => string | null };
  /** Told of every failed call, subscriptions included. */
  onFault?: (fault: CallFault, operation: Pick<Operation, "type" | "path">) => void;
}

export interface CardinalLinks {
  links: TRPCLink<AppRouter>[];
  connection: Connection;
  /** Reconnects at once, as after signing in or out. Subscriptions resume where they stood. */
  restart(): void;
  /** Ends every subscription and the connection. Queries and mutations still work. */
  close(): void;
}

function faultLink(onFault: NonNullable<CardinalLinksOptions["onFault"]>): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) =>
        next(op).subscribe({
          next: (value) => observer.next(value),
          error: (error) => {
            onFault(readFault(error), op);
            observer.error(error);
          },
          complete: () => observer.complete(),
        }),
      );
}

/**
 * The links of a Cardinal client, for `createTRPCClient` and `createTRPCReact` alike: queries batched over
 * HTTP, each mutation a request of its own (so its rate-limit headers are its own), subscriptions over one
 * WebSocket with SSE behind it. Opens no connection before the first subscription.
 */
export function createCardinalLinks(options: CardinalLinksOptions): CardinalLinks {
  const httpUrl = new URL(API_PATH, options.url).href;
  const { token, tabs } = options;
  const getToken = typeof token === "string" ? () => token : token;
  const headers = (): Record<string, string> => {
    const current = getToken?.() ?? null;
    return current === null ? {} : { authorization: `Bearer ${current}` };
  };
  const tracker = new ConnectionTracker("websocket");
  const transports = new LiveTransports({
    httpUrl,
    webSocketUrl: httpUrl.replace(/^http/, "ws"),
    transport: options.transport ?? "auto",
    tracker,
    ...(getToken ? { getToken } : {}),
    ...(typeof WebSocket === "undefined" ? {} : { WebSocket }),
    createFeed: () => {
      const feed = { url: `${httpUrl}/live.feed`, headers };
      return tabs ? new MemberFeed({ ...feed, member: tabs.member, platform: findTabPlatform() }) : new Feed(feed);
    },
    fetch: (url) => fetch(url),
    now: Date.now,
  });
  const stopWatching = watchNetwork({
    onOnline: () => {
      tracker.setOnline(true);
      transports.restart();
    },
    onOffline: () => tracker.setOnline(false),
    onVisible: () => {
      if (tracker.state === "reconnecting") transports.restart();
    },
  });
  return {
    links: [
      ...(options.onFault ? [faultLink(options.onFault)] : []),
      splitLink<AppRouter>({
        condition: (op) => op.type === "subscription",
        true: liveLink(transports, tracker),
        false: splitLink<AppRouter>({
          condition: (op) => op.type === "mutation",
          true: httpLink({ url: httpUrl, headers }),
          false: httpBatchLink({ url: httpUrl, headers, maxURLLength: MAX_URL_LENGTH, maxItems: MAX_BATCH }),
        }),
      }),
    ],
    connection: tracker,
    restart: () => transports.restart(),
    close: () => {
      stopWatching();
      transports.close();
      tracker.close();
    },
  };
}
