import { memberProcedure } from "../../trpc.ts";
import { searchUsers } from "../../use-cases/user/search-users.ts";
import { userSearchInput, userSearchOutput } from "./schemas.ts";

export const search = memberProcedure
  .meta({ limit: "search" })
  .input(userSearchInput)
  .output(userSearchOutput)
  .query(async ({ ctx, input }) => ({ users: await searchUsers(ctx.request.deps, input) }));
