import { memberProcedure } from "../../trpc.ts";
import { suspendUser } from "../../use-cases/moderation/suspend-user.ts";
import { userSuspendInput, userMeasureOutput } from "./schemas.ts";

export const suspend = memberProcedure
  .meta({ limit: "write" })
  .input(userSuspendInput)
  .output(userMeasureOutput)
  .mutation(async ({ ctx, input }) => {
    await suspendUser(ctx.request.deps, { ...input, actorId: ctx.member.userId });
    return {};
  });
