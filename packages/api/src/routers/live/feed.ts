import type { AnyTRPCRouter } from "@trpc/server";
import { liveFeed } from "../../live/feed-stream.ts";
import { streamOutput } from "../../live/stream-output.ts";
import { publicProcedure } from "../../trpc.ts";
import type { FeedFrame } from "./feed-frame.ts";
import { liveFeedInput } from "./schemas.ts";

/** All subscriptions of a client in one stream: what SSE needs, where each stream is a connection. */
export function feedOf(router: AnyTRPCRouter) {
  return publicProcedure
    .meta({ limit: "feed" })
    .input(liveFeedInput)
    .output(streamOutput<FeedFrame[]>())
    .subscription(({ ctx, input, signal }) => liveFeed(router, ctx.request, input, signal));
}
