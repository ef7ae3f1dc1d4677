import { memberProcedure } from "../../trpc.ts";
import { getAround } from "../../use-cases/leaderboard/get-around.ts";
import { leaderboardAroundInput, leaderboardAroundOutput } from "./schemas.ts";

export const around = memberProcedure
  .meta({ limit: "read" })
  .input(leaderboardAroundInput)
  .output(leaderboardAroundOutput)
  .query(async ({ ctx, input }) => ({
    entries: await getAround(ctx.request.deps, { ...input, userId: ctx.member.userId }),
  }));
