import { publicProcedure } from "../../trpc.ts";
import { checkHealth } from "../../use-cases/health/check-health.ts";
import { healthGetOutput } from "./schemas.ts";

export const get = publicProcedure
  .meta({ limit: "health" })
  .output(healthGetOutput)
  .query(({ ctx }) => checkHealth(ctx.request.deps));
