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

/** Entries from consecutive places and scores, the first of which has a known place and rank. */
export function rankEntries(
  pairs: readonly string[],
  mode: RankMode,
  first: { readonly before: number; readonly rank: number },
): LeaderboardEntry[] {
  const entries: LeaderboardEntry[] = [];
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const score = parseScore(pairs[index + 1] ?? "");
    const ordinal = first.before + index / 2 + 1;
    const earlier = entries.at(-1);
    let rank = ordinal;
    if (mode !== "ordinal") {
      const isEqual = earlier?.score === score;
      const next = mode === "dense" ? (earlier?.rank ?? 0) + 1 : ordinal;
      rank = earlier ? (isEqual ? earlier.rank : next) : first.rank;
    }
    entries.push({ member: memberOf(pairs[index] ?? ""), score, rank });
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
  const [version, total, before, rank, count, ...texts] = textsOf(reply);
  const pairs = texts.slice(0, Number(count) * 2);
  const ranked = rankEntries(pairs, mode, { before: Number(before), rank: Number(rank) });
  const entries = metadata.isKept
    ? ranked.map((entry, index) => ({ ...entry, metadata: metadata.read(texts[pairs.length + index] ?? "") }))
    : (ranked as LeaderboardEntry<Meta>[]);
  const cursorAt = (at: number): PageCursor => ({
    score: parseScore(pairs[at + 1] ?? ""),
    place: pairs[at] ?? "",
  });
  const hasMore = Number(before) + entries.length < Number(total);
  return {
    entries,
    version: Number(version),
    total: Number(total),
    first: entries.length > 0 && Number(before) > 0 ? cursorAt(0) : null,
    last: entries.length > 0 && hasMore ? cursorAt(pairs.length - 2) : null,
  };
}
