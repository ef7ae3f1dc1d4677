import { boardRuleOf } from "../../live/board-rule.ts";
import { streamBoard } from "../../live/board-stream.ts";
import { liveStream } from "../../live/live-stream.ts";
import { streamOutput } from "../../live/stream-output.ts";
import { publicProcedure } from "../../trpc.ts";
import { leaderboardOnChangeInput, type LeaderboardOnChangeFrame } from "./schemas.ts";

export const onChange = publicProcedure
  .meta({ limit: "subscribe" })
  .input(leaderboardOnChangeInput)
  .output(streamOutput<LeaderboardOnChangeFrame>())
  .subscription(async ({ ctx, input, signal }) => {
    const { deps } = ctx.request;
    const { board, period, limit } = input;
    await boardRuleOf(deps, board);
    return liveStream(ctx.request, null, signal, (scope) =>
      streamBoard(deps, deps.live.boards, { board, period, limit }, scope),
    );
  });
