import type { AppRouter } from "@cardinal/api";
import { TRPCClientError } from "@trpc/client";
import type { TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { ConnectionTracker } from "../connection.ts";
import type { FeedSource } from "./feed-source.ts";

/** Runs subscriptions as topics of a feed, telling of each what tRPC's own links tell. */
export function feedLink(feed: FeedSource, tracker: ConnectionTracker): TRPCLink<AppRouter> {
  return () =>
    ({ op }) =>
      observable((observer) =>
        feed.follow(
          { path: op.path, input: op.input },
          {
            onStarted: () => {
              observer.next({ result: { type: "started" } });
              observer.next({ result: { type: "state", state: "pending", error: null } });
            },
            onData: (id, data) => observer.next({ result: { type: "data", id, data: { id, data } } }),
            onLost: (why, retryAtMs) => {
              const error = new TRPCClientError<AppRouter>(why);
              observer.next({ result: { type: "state", state: "connecting", error } });
              if (retryAtMs !== null) tracker.setRetryAt(retryAtMs);
            },
            onError: (error) => observer.error(TRPCClientError.from({ error })),
            onEnd: () => {
              observer.next({ result: { type: "stopped" } });
              observer.complete();
            },
          },
        ),
      );
}
