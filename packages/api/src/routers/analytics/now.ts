import { memberProcedure } from "../../trpc.ts";
import { analyticsNowOutput } from "./schemas.ts";

export const now = memberProcedure
  .meta({ limit: "read" })
  .output(analyticsNowOutput)
  .query(async ({ ctx }) => ({ visitors: await ctx.request.deps.analytics.now() }));
