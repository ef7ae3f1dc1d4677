import { memberProcedure } from "../../trpc.ts";
import { listAudit } from "../../use-cases/moderation/list-audit.ts";
import { moderationAuditInput, moderationAuditOutput } from "./schemas.ts";

export const audit = memberProcedure
  .meta({ limit: "read" })
  .input(moderationAuditInput)
  .output(moderationAuditOutput)
  .query(({ ctx, input }) => listAudit(ctx.request.deps, { ...input, userId: ctx.member.userId }));
