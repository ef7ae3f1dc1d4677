import { memberProcedure } from "../../trpc.ts";
import { submitScore } from "../../use-cases/leaderboard/submit-score.ts";
import { leaderboardSubmitInput, leaderboardSubmitOutput } from "./schemas.ts";

export const submit = memberProcedure
  .meta({ limit: "submit-score" })
  .input(leaderboardSubmitInput)
  .output(leaderboardSubmitOutput)
  .mutation(({ ctx, input }) => submitScore(ctx.request.deps, { ...input, userId: ctx.member.userId }));
