import { publicProcedure } from "../../trpc.ts";
import { getTop } from "../../use-cases/leaderboard/get-top.ts";
import { leaderboardTopInput, leaderboardTopOutput } from "./schemas.ts";

export const top = publicProcedure
  .meta({ limit: "read" })
  .input(leaderboardTopInput)
  .output(leaderboardTopOutput)
  .query(({ ctx, input }) => getTop(ctx.request.deps, input));
