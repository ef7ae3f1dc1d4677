import { openCounterFeed } from "../../live/counter-feed.ts";
import { PushStream } from "../../live/push-stream.ts";
import { streamOutput } from "../../live/stream-output.ts";
import { memberProcedure } from "../../trpc.ts";
import { getPost } from "../../use-cases/post/get-post.ts";
import { counterOnChangeInput, type CounterOnChangeFrame } from "./schemas.ts";

export const onChange = memberProcedure
  .meta({ limit: "subscribe" })
  .input(counterOnChangeInput)
  .output(streamOutput<CounterOnChangeFrame>())
  .subscription(async ({ ctx, input, signal }) => {
    const { deps } = ctx.request;
    if (input.counter === "post-views") {
      await getPost(deps, input.slug);
    }
    const name = input.counter === "post-views" ? deps.counters.postViews(input.slug) : deps.counters.visitorsNow;
    return new PushStream<CounterOnChangeFrame>(ctx.request, ctx.member, signal, (sink) =>
      openCounterFeed(deps.live.counters, name, sink),
    );
  });
