import { RedisReplyError } from "../errors.ts";
import type { RedisReply } from "../port.ts";
import type { Board } from "./board.ts";
import type { LeaderboardEntry, RankMode, Standing } from "./leaderboard-types.ts";
import { memberOf, type PageCursor } from "./page-cursor.ts";
import { parseScore } from "./score-text.ts";

/** A script's list of texts and integers, as texts. */
export function textsOf(reply: RedisReply): string[] {
  if (!Array.isArray(reply)) {
    throw new RedisReplyError("UNEXPECTED a leaderboard script did not answer a list");
  }
  return reply.map((item) => (typeof item === "number" || typeof item === "string" ? String(item) : ""));
}

/** A standing of a submit: score, rank, rank before and improved, from `at`. */
export function standingAt(texts: readonly string[], at: number): Standing {
  const score = texts[at] ?? "-";
  const isThere = score !== "-";
  return {
    score: isThere ? parseScore(score) : 0,
    rank: isThere ? Number(texts[at + 1]) : null,
    improved: texts[at + 3] === "1",
  };
}

/** Scores are text, or numbers where a client reads RESP3. What Redis prints needs no check, but for infinities. */
function scoreOf(item: RedisReply | undefined): number {
  const score = Number(item);
  return Number.isNaN(score) ? parseScore(String(item)) : score;
}

/** Entries from consecutive places and scores, the first of which has a known place and rank. */
export function rankEntries(
  pairs: readonly RedisReply[],
  mode: RankMode,
  first: { readonly before: number; readonly rank: number },
): LeaderboardEntry[] {
  const entries: LeaderboardEntry[] = [];
  let earlier: LeaderboardEntry | undefined;
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const score = scoreOf(pairs[index + 1]);
    let rank = first.before + index / 2 + 1;
    if (mode !== "ordinal") {
      if (!earlier) {
        rank = first.rank;
      } else if (earlier.score === score) {
        rank = earlier.rank;
      } else if (mode === "dense") {
        rank = earlier.rank + 1;
      }
    }
    earlier = { member: memberOf(String(pairs[index])), score, rank };
    entries.push(earlier);
  }
  return entries;
}

export interface Range<Meta> {
  readonly entries: LeaderboardEntry<Meta>[];
  readonly version: number;
  readonly total: number;
  /** The places of the first and last entry, where others are before or after them. */
  readonly first: PageCursor | null;
  readonly last: PageCursor | null;
}

/** What `range.lua` answers, with ranks as the board counts them. */
export function rangeOf<Meta>({ rank: mode, metadata }: Board<Meta>, reply: RedisReply): Range<Meta> {
  const [version, total, before, rank, found, kept] = Array.isArray(reply) ? reply : [];
  if (!Array.isArray(found) || !Array.isArray(kept)) {
    throw new RedisReplyError("UNEXPECTED a leaderboard script did not answer a range");
  }
  const first = { before: Number(before), rank: Number(rank) };
  const ranked = rankEntries(found, mode, first);
  const entries = metadata.isKept
    ? ranked.map((entry, index) => ({ ...entry, metadata: metadata.read(String(kept[index])) }))
    : (ranked as LeaderboardEntry<Meta>[]);
  const cursorAt = (at: number): PageCursor => ({ score: scoreOf(found[at + 1]), place: String(found[at]) });
  const hasMore = first.before + entries.length < Number(total);
  return {
    entries,
    version: Number(version),
    total: Number(total),
    first: entries.length > 0 && first.before > 0 ? cursorAt(0) : null,
    last: entries.length > 0 && hasMore ? cursorAt(found.length - 2) : null,
  };
}
