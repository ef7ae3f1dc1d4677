import { publicProcedure } from "../../trpc.ts";
import { listBoards } from "../../use-cases/leaderboard/list-boards.ts";
import { leaderboardListOutput } from "./schemas.ts";

export const list = publicProcedure
  .meta({ limit: "read" })
  .output(leaderboardListOutput)
  .query(async ({ ctx }) => ({ boards: await listBoards(ctx.request.deps) }));
