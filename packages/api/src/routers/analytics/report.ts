import { memberProcedure } from "../../trpc.ts";
import { getReport } from "../../use-cases/analytics/get-report.ts";
import { analyticsReportInput, analyticsReportOutput } from "./schemas.ts";

export const report = memberProcedure
  .meta({ limit: "read" })
  .input(analyticsReportInput)
  .output(analyticsReportOutput)
  .query(({ ctx, input }) => getReport(ctx.request.deps, input));
