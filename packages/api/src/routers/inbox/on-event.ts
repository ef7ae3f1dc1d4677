import { z } from "zod";
import { openInboxFeed } from "../../live/inbox-topic.ts";
import { PushStream } from "../../live/push-stream.ts";
import { streamOutput } from "../../live/stream-output.ts";
import { memberProcedure } from "../../trpc.ts";
import type { InboxOnEventFrame } from "./schemas.ts";

export const onEvent = memberProcedure
  .meta({ limit: "subscribe" })
  .input(z.strictObject({ lastEventId: z.string().max(128).nullish() }).optional())
  .output(streamOutput<InboxOnEventFrame>())
  .subscription(
    ({ ctx, signal }) =>
      new PushStream<InboxOnEventFrame>(ctx.request, ctx.member, signal, (sink) =>
        openInboxFeed(ctx.request.deps.live.inboxes, ctx.member.userId, sink),
      ),
  );
