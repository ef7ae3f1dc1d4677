import type { LeaderboardOnChangeFrame, Period } from "@cardinal/api/schemas";
import { liveClient } from "../../lib/api-client.ts";
import { LiveTopic, topicsByKey } from "../../lib/live-topic.ts";

export const SHOWN_ENTRIES = 50;

const topics = topicsByKey((key) => {
  const { board, period }: { board: string; period: Period } = JSON.parse(key);
  return new LiveTopic<LeaderboardOnChangeFrame, LeaderboardOnChangeFrame>(
    (callbacks) =>
      liveClient.leaderboard.onChange.subscribe({ board, period, limit: SHOWN_ENTRIES }, callbacks),
    (_before, frame) => frame,
  );
});

/** The top of a board as it stands; every frame replaces the one before. */
export function boardTopic(board: string, period: Period) {
  return topics(JSON.stringify({ board, period }));
}
