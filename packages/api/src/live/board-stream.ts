import { tracked, type TrackedEnvelope } from "@trpc/server";
import type { AppDeps } from "../deps/app-deps.ts";
import type { LeaderboardOnChangeFrame, Period } from "../routers/leaderboard/schemas.ts";
import { getTop } from "../use-cases/leaderboard/get-top.ts";
import type { BoardTopic } from "./board-topic.ts";
import type { StreamScope } from "./live-stream.ts";
import type { TopicRegistry } from "./topic-registry.ts";
import { sleep, Wakeup } from "./wakeup.ts";

/** At most two frames a second. */
const FRAME_EVERY_MS = 500;
/** A day that turned, a season that began, points of an outage: looked for this often. */
const LOOK_EVERY_MS = 15_000;

interface BoardStreamInput {
  readonly board: string;
  readonly period: Period;
  readonly limit: number;
}

/** The top of a board, again after every change that shows in it; what happens in between is left out. */
export async function* streamBoard(
  deps: Pick<AppDeps, "db" | "boards" | "now">,
  topics: TopicRegistry<BoardTopic>,
  input: BoardStreamInput,
  scope: StreamScope,
): AsyncGenerator<TrackedEnvelope<LeaderboardOnChangeFrame>, void> {
  const { topic, release } = await topics.hold(input.board);
  const wakeup = new Wakeup();
  const unfollow = topic.follow(wakeup.ring);
  try {
    let shown = "";
    while (!scope.signal.aborted) {
      await scope.writable();
      const page = topic.page(`${input.period} ${input.limit}`, () => getTop(deps, input));
      const { entries, total, version } = await page;
      const showing = JSON.stringify([entries, total]);
      if (showing !== shown && !scope.signal.aborted) {
        shown = showing;
        yield tracked(String(version), { kind: "snapshot", version, entries, total });
      }
      await sleep(FRAME_EVERY_MS, scope.signal);
      await wakeup.wait(scope.signal, LOOK_EVERY_MS);
    }
  } finally {
    unfollow();
    release();
  }
}
