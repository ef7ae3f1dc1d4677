import type { AnyTRPCRouter } from "@trpc/server";
import { router } from "../../trpc.ts";
import { feedOf } from "./feed.ts";

/** `topics` holds the subscriptions that a feed may carry. */
export function createLiveRouter(topics: AnyTRPCRouter) {
  return router({ feed: feedOf(topics) });
}
