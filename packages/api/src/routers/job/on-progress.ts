import { requireOwnJob, streamJob } from "../../live/job-stream.ts";
import { liveStream } from "../../live/live-stream.ts";
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
    return liveStream(ctx.request, ctx.member, signal, (scope) => streamJob(deps, jobId, scope));
  });
