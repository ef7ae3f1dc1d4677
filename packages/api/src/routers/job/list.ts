import { memberProcedure } from "../../trpc.ts";
import { listJobs } from "../../use-cases/job/list-jobs.ts";
import { jobListInput, jobListOutput } from "./schemas.ts";

export const list = memberProcedure
  .meta({ limit: "read" })
  .input(jobListInput)
  .output(jobListOutput)
  .query(async ({ ctx, input }) => ({
    jobs: await listJobs(ctx.request.deps, { ...input, userId: ctx.member.userId }),
  }));
