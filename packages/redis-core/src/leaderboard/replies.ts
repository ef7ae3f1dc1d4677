import { RedisReplyError } from "../errors.ts";
import type { RedisReply } from "../port.ts";
import type { LeaderboardEntry, Standing } from "./leaderboard-types.ts";
import { memberOf, type PageCursor } from "./page-cursor.ts";
import { parseScore } from "./score-text.ts";

/** A script's list of texts and integers, as texts. */
export function textsOf(reply: RedisReply): string[] {
  if (!Array.isArray(reply)) {
    throw new RedisReplyError("UNEXPECTED a leaderboard script did not answer a list");
  }
  return reply.map((item) => (typeof item === "number" || typeof item === "string" ? String(item) : ""));
}

/** A standing of a submit, four texts from `at`. */
export function standingAt(texts: readonly string[], at: number): Standing {
  const previousRank = Number(texts[at + 2]);
  return {
    score: parseScore(texts[at] ?? ""),
    rank: Number(texts[at + 1]),
    previousRank: previousRank === 0 ? null : previousRank,
    improved: texts[at + 3] === "1",
  };
}

export interface Range {
  readonly entries: LeaderboardEntry[];
  readonly version: number;
  readonly total: number;
  /** Whether entries follow the last one. */
  readonly hasMore: boolean;
  readonly last: PageCursor | null;
}

/** What `range.lua` answers, with ranks as the board counts them. */
export function rangeOf(reply: RedisReply, rankMode: "ordinal" | "competition"): Range {
  const [version, total, before, better, ...pairs] = textsOf(reply);
  const entries: LeaderboardEntry[] = [];
  let last: PageCursor | null = null;
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const place = pairs[index] ?? "";
    const score = parseScore(pairs[index + 1] ?? "");
    const ordinal = Number(before) + index / 2 + 1;
    const earlier = entries.at(-1);
    let rank = ordinal;
    if (rankMode === "competition") {
      rank = earlier?.score === score ? earlier.rank : earlier ? ordinal : Number(better) + 1;
    }
    entries.push({ member: memberOf(place), score, rank });
    last = { score, place };
  }
  const hasMore = Number(before) + entries.length < Number(total);
  return { entries, version: Number(version), total: Number(total), hasMore, last };
}
