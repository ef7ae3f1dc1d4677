import { openJobFeed, requireOwnJob } from "../../live/job-feed.ts";
import { PushStream } from "../../live/push-stream.ts";
import { streamOutput } from "../../live/stream-output.ts";
import { memberProcedure } from "../../trpc.ts";
import { jobOnProgressInput, type JobOnProgressFrame } from "./schemas.ts";

export const onProgress = memberProcedure
  .meta({ limit: "subscribe" })
  .input(jobOnProgressInput)
  .output(streamOutput<JobOnProgressFrame>())
  .subscription(async ({ ctx, input, signal }) => {
    const { deps } = ctx.request;
    const { jobId } = input;
    await requireOwnJob(deps, { jobId, userId: ctx.member.userId });
    return new PushStream<JobOnProgressFrame>(ctx.request, ctx.member, signal, (sink) => openJobFeed(deps, jobId, sink));
  });
