import { memberProcedure } from "../../trpc.ts";
import { unsuspendUser } from "../../use-cases/moderation/suspend-user.ts";
import { userUnsuspendInput, userMeasureOutput } from "./schemas.ts";

export const unsuspend = memberProcedure
  .meta({ limit: "write" })
  .input(userUnsuspendInput)
  .output(userMeasureOutput)
  .mutation(async ({ ctx, input }) => {
    await unsuspendUser(ctx.request.deps, { ...input, actorId: ctx.member.userId });
    return {};
  });
