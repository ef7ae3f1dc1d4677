import { memberProcedure } from "../../trpc.ts";
import { getStanding } from "../../use-cases/leaderboard/get-standing.ts";
import { leaderboardMeInput, leaderboardMeOutput } from "./schemas.ts";

export const me = memberProcedure
  .meta({ limit: "read" })
  .input(leaderboardMeInput)
  .output(leaderboardMeOutput)
  .query(({ ctx, input }) => getStanding(ctx.request.deps, { ...input, userId: ctx.member.userId }));
