import type { LeaderboardEntry } from "@cardinal/api/schemas";

/** Ranks by member id. */
export type Ranks = ReadonlyMap<string, number>;

export function ranksOf(entries: readonly LeaderboardEntry[]): Ranks {
  return new Map(entries.map(({ user, rank }) => [user.id, rank]));
}

/** Places won (above zero) or lost since `before`; null for a member who was not on the list. */
export function rankChange(before: Ranks, entry: LeaderboardEntry): number | null {
  const rank = before.get(entry.user.id);
  return rank === undefined ? null : rank - entry.rank;
}
