import { boardRuleOf } from "../../live/board-rule.ts";
import { openBoardFeed } from "../../live/board-feed.ts";
import { PushStream } from "../../live/push-stream.ts";
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
    return new PushStream<LeaderboardOnChangeFrame>(ctx.request, null, signal, (sink) =>
      openBoardFeed(deps, deps.live.boards, { board, period, limit }, sink),
    );
  });
