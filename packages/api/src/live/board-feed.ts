import type { AppDeps } from "../deps/app-deps.ts";
import type { LeaderboardOnChangeFrame, Period } from "../routers/leaderboard/schemas.ts";
import { getTop } from "../use-cases/leaderboard/get-top.ts";
import type { BoardShowing, BoardTopic } from "./board-topic.ts";
import type { Feed, FrameSink } from "./frame-sink.ts";
import { StateFeed } from "./state-feed.ts";
import type { TopicRegistry } from "./topic-registry.ts";

/** At most two frames a second. */
const FRAME_EVERY_MS = 500;

interface BoardFeedInput {
  readonly board: string;
  readonly period: Period;
  readonly limit: number;
}

/** The top of a board, again after every change that shows in it; what happens in between is left out. */
export async function openBoardFeed(
  deps: Pick<AppDeps, "db" | "boards" | "now">,
  topics: TopicRegistry<BoardTopic>,
  input: BoardFeedInput,
  sink: FrameSink<LeaderboardOnChangeFrame>,
): Promise<Feed> {
  const { topic, release } = await topics.hold(input.board);
  let shown = "";
  const feed = new StateFeed(sink, {
    everyMs: FRAME_EVERY_MS,
    async read() {
      const showing = await topic.page(`${input.period} ${input.limit}`, () => show(deps, input));
      const isNew = showing.text !== shown;
      shown = showing.text;
      return isNew ? showing : null;
    },
    release() {
      unfollow();
      release();
    },
  });
  const unfollow = topic.follow(feed.wake);
  return feed;
}

async function show(deps: Pick<AppDeps, "db" | "boards" | "now">, input: BoardFeedInput): Promise<BoardShowing> {
  const { entries, total, version } = await getTop(deps, input);
  return {
    id: String(version),
    frame: { kind: "snapshot", version, entries, total },
    text: JSON.stringify([entries, total]),
  };
}
