import { z } from "zod";
import { streamInbox } from "../../live/inbox-stream.ts";
import { liveStream } from "../../live/live-stream.ts";
import { streamOutput } from "../../live/stream-output.ts";
import { memberProcedure } from "../../trpc.ts";
import type { InboxOnEventFrame } from "./schemas.ts";

export const onEvent = memberProcedure
  .meta({ limit: "subscribe" })
  .input(z.strictObject({ lastEventId: z.string().max(128).nullish() }).optional())
  .output(streamOutput<InboxOnEventFrame>())
  .subscription(({ ctx, signal }) =>
    liveStream(ctx.request, ctx.member, signal, (scope) =>
      streamInbox(ctx.request.deps, ctx.member.userId, scope),
    ),
  );
