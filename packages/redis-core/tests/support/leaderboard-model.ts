import type { LeaderboardEntry, RankMode } from "../../src/leaderboard/index.ts";

export interface ModelRules {
  readonly order: "desc" | "asc";
  readonly update: "set" | "best" | "increment";
  readonly rank: RankMode;
  readonly maxMembers?: number;
}

interface Scored {
  readonly member: string;
  readonly score: number;
}

/** A board as plain data: entries best first, and first to reach it first among equals. */
export type ModelBoard = readonly Scored[];

export function submitTo(
  board: ModelBoard,
  { order, update, maxMembers = Number.POSITIVE_INFINITY }: ModelRules,
  member: string,
  amount: number,
): ModelBoard {
  const isBetter = (a: number, b: number) => (order === "desc" ? a > b : a < b);
  const old = board.find((entry) => entry.member === member)?.score;
  const score = old === undefined || update !== "increment" ? amount : old + amount;
  if (old !== undefined && (score === old || (update === "best" && !isBetter(score, old)))) {
    return board;
  }
  const others = board.filter((entry) => entry.member !== member);
  const before = others.filter((entry) => entry.score === score || isBetter(entry.score, score));
  const entered = [...before, { member, score }, ...others.slice(before.length)];
  return old === undefined && entered.length > maxMembers ? entered.slice(0, -1) : entered;
}

export function ranked(board: ModelBoard, { rank: mode }: ModelRules): LeaderboardEntry[] {
  const scores = board.map(({ score }) => score);
  const distinct = [...new Set(scores)];
  return board.map(({ member, score }, index) => {
    const rank = { ordinal: index, competition: scores.indexOf(score), dense: distinct.indexOf(score) }[mode] + 1;
    return { member, score, rank };
  });
}
