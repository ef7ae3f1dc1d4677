import { memberProcedure } from "../../trpc.ts";
import { getTopLabels } from "../../use-cases/analytics/get-top-labels.ts";
import { analyticsTopInput, analyticsTopOutput } from "./schemas.ts";

export const top = memberProcedure
  .meta({ limit: "read" })
  .input(analyticsTopInput)
  .output(analyticsTopOutput)
  .query(({ ctx, input }) => getTopLabels(ctx.request.deps, input));
