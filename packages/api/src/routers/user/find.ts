import { publicProcedure } from "../../trpc.ts";
import { findUser } from "../../use-cases/user/find-user.ts";
import { userFindInput, userFindOutput } from "./schemas.ts";

export const find = publicProcedure
  .meta({ limit: "read" })
  .input(userFindInput)
  .output(userFindOutput)
  .query(({ ctx, input }) => findUser(ctx.request.deps, input));
