import { runOn } from "../context.ts";
import type { Board } from "./board.ts";
import type { LeaderboardEntry } from "./leaderboard-types.ts";
import type { Period } from "./period.ts";
import { type Range, rangeOf, rankEntries } from "./replies.ts";
import { rangeScript } from "./scripts.ts";

interface RangeRequest {
  readonly from: "top" | "after" | "before" | "around";
  /** The member to look around of, or the place of a cursor. */
  readonly at?: string;
  readonly atScore?: string;
  readonly count: number;
}

/**
 * The first entries. From the top their ranks follow from the scores alone, so where there is no metadata to read
 * one command does.
 */
export async function readTop<Meta>(board: Board<Meta>, period: Period, n: number): Promise<LeaderboardEntry<Meta>[]> {
  if (board.metadata.isKept) {
    return (await readRange(board, period, { from: "top", count: n })).entries;
  }
  if (n === 0) {
    return [];
  }
  const { order } = board.keysOf(period.name);
  const command = board.direction === "desc" ? "ZREVRANGE" : "ZRANGE";
  const reply = await board.context.state.command(command, [order], [0, n - 1, "WITHSCORES"]);
  // Flat in RESP2, a list of pairs in RESP3.
  const pairs = Array.isArray(reply) ? reply.flat() : [];
  return rankEntries(pairs, board.rank, { before: 0, rank: 1 }) as LeaderboardEntry<Meta>[];
}

/** Consecutive entries of a period, of one moment. One round trip. */
export async function readRange<Meta>(
  board: Board<Meta>,
  period: Period,
  { from, at = "", atScore = "", count }: RangeRequest,
): Promise<Range<Meta>> {
  const { direction, rank } = board;
  const reply = await runOn(board.context, "state", rangeScript, {
    keys: board.keysOf(period.name),
    args: { direction, rank, from, at, at_score: atScore, count },
    restKeys: board.addedKeysOf(period.name),
  });
  return rangeOf(board, reply);
}
