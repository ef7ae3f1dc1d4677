import { memberProcedure } from "../../trpc.ts";
import { listReports } from "../../use-cases/moderation/list-reports.ts";
import { moderationListInput, moderationListOutput } from "./schemas.ts";

export const list = memberProcedure
  .meta({ limit: "read" })
  .input(moderationListInput)
  .output(moderationListOutput)
  .query(({ ctx, input }) => listReports(ctx.request.deps, { ...input, userId: ctx.member.userId }));
