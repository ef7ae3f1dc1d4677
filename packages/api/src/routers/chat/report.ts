import { memberProcedure } from "../../trpc.ts";
import { reportMessage } from "../../use-cases/moderation/report-message.ts";
import { chatReportInput, chatReportOutput } from "./schemas.ts";

export const report = memberProcedure
  .meta({ limit: "report" })
  .input(chatReportInput)
  .output(chatReportOutput)
  .mutation(async ({ ctx, input }) => {
    await reportMessage(ctx.request.deps, { ...input, actorId: ctx.member.userId });
    return {};
  });
