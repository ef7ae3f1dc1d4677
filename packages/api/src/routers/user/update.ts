import { memberProcedure } from "../../trpc.ts";
import { updateUser } from "../../use-cases/user/update-user.ts";
import { userUpdateInput, userUpdateOutput } from "./schemas.ts";

export const update = memberProcedure
  .meta({ limit: "write" })
  .input(userUpdateInput)
  .output(userUpdateOutput)
  .mutation(({ ctx, input }) => updateUser(ctx.request.deps, { ...input, userId: ctx.member.userId }));
