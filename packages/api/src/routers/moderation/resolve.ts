import { memberProcedure } from "../../trpc.ts";
import { resolveReport } from "../../use-cases/moderation/resolve-report.ts";
import { moderationResolveInput, moderationResolveOutput } from "./schemas.ts";

export const resolve = memberProcedure
  .meta({ limit: "write" })
  .input(moderationResolveInput)
  .output(moderationResolveOutput)
  .mutation(async ({ ctx, input }) => ({
    report: await resolveReport(ctx.request.deps, { ...input, actorId: ctx.member.userId }),
  }));
