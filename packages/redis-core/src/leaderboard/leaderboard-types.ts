import type { Duration } from "../duration.ts";
import type { Subscription } from "../port.ts";

/** `day` is the UTC day, `week` the ISO week (Monday, UTC), `season` what the caller defines, `all` for ever. */
export type PeriodKind = "day" | "week" | "season" | "all";

/** A season as the caller runs them: any id, and when it ends. */
export interface Season {
  readonly id: string;
  readonly endsAtMs: number;
}

export interface LeaderboardOptions {
  /** Whether the highest (`desc`, default) or the lowest score is first. */
  readonly order?: "desc" | "asc";
  /** `set` replaces, `best` keeps the better one, `increment` adds. */
  readonly update: "set" | "best" | "increment";
  /** The periods that every submit writes, in one script. Default `["all"]`. */
  readonly periods?: readonly PeriodKind[];
  /**
   * `ordinal` (default) numbers members 1, 2, 3; `competition` gives equal scores the same rank (1, 1, 3).
   * The order among equal scores is the same: first to reach it, first.
   */
  readonly rank?: "ordinal" | "competition";
  /** How long an ended period can still be read. Defaults: day `"7d"`, week `"5w"`, season `"90d"`. */
  readonly keep?: Partial<Record<"day" | "week" | "season", Duration>>;
}

export interface LeaderboardEntry {
  readonly member: string;
  readonly score: number;
  /** From 1. */
  readonly rank: number;
}

/** Which period a read is about. */
export interface PeriodSelector {
  /** Default `all` where the board has it, else its first period. */
  readonly period?: PeriodKind;
  /** Needed with `period: "season"`: the season or its id. */
  readonly season?: Season | string;
  /** Reads the day or week that held this instant instead of the current one. */
  readonly atMs?: number;
}

export interface SubmitOptions {
  /** Makes the submit exactly-once for 24 hours: a repeat changes nothing and answers as the first did. */
  readonly operationId?: string;
  /** The running season. Without one, a board with the period `season` leaves it untouched. */
  readonly season?: Season;
}

export interface Standing {
  readonly score: number;
  readonly rank: number;
  /** Rank before this submit, or null for a member new to the period. */
  readonly previousRank: number | null;
  /** Whether the member's score got better. */
  readonly improved: boolean;
}

/** The standing in `all` (else in the first period written), and in each period written. */
export interface SubmitResult extends Standing {
  readonly periods: Readonly<Partial<Record<PeriodKind, Standing>>>;
}

export interface MemberStanding {
  readonly score: number;
  /** Null for a member without a score, whose score reads 0. */
  readonly rank: number | null;
}

export interface LeaderboardPage {
  readonly entries: readonly LeaderboardEntry[];
  /** Members in the period. */
  readonly total: number;
  /** Rises with every change of the period. 0 before the first. */
  readonly version: number;
  /** Hand it to the next call; null after the last page. */
  readonly nextCursor: string | null;
}

export interface PageOptions extends PeriodSelector {
  readonly cursor?: string | null;
  /** Default 50, at most 1000. */
  readonly limit?: number;
}

/** What a submit changed: the version each changed period now has, by its name (`all`, `day~2026-11-23` …). */
export interface LeaderboardChange {
  readonly versions: Readonly<Record<string, number>>;
}

/**
 * Scores with exact ties: among equal scores, who reached it first is first, at any magnitude. All keys of
 * a board share one Cluster slot, so a board is as fast as one node. Every method is one round trip and
 * fails as its port does; nothing is answered from memory when Redis is away. Scores are doubles, ±Infinity
 * included; NaN is refused.
 */
export interface Leaderboard {
  /** Writes the score to every period of the board. @throws {Misuse} for NaN or an operation id reused for another submit. */
  submit(member: string, score: number, options?: SubmitOptions): Promise<SubmitResult>;
  /** The first `n` (at most 1000) entries. */
  top(n: number, options?: PeriodSelector): Promise<LeaderboardEntry[]>;
  /** The member and up to `radius` entries on either side; empty for a member without a score. */
  around(member: string, radius: number, options?: PeriodSelector): Promise<LeaderboardEntry[]>;
  get(member: string, options?: PeriodSelector): Promise<MemberStanding>;
  /** Standings of some members (friends) with their ranks on the whole board, best first; those without a score last. */
  among(members: readonly string[], options?: PeriodSelector): Promise<({ readonly member: string } & MemberStanding)[]>;
  /**
   * A page after `cursor`. The cursor is a place in the order, not a number: members who come or go above
   * it move nothing, so no unmoved member is skipped or shown twice.
   */
  page(options?: PageOptions): Promise<LeaderboardPage>;
  /** Share (0–100) of the other members with a strictly worse score; null without a score, 100 when alone. */
  percentile(member: string, options?: PeriodSelector): Promise<number | null>;
  /** Removes a member from a period; true when he was in it. */
  remove(member: string, options?: PeriodSelector): Promise<boolean>;
  /**
   * Replaces a period by `entries`, given in the order in which they reached their scores. Readers see the
   * old board until the last step swaps it. Submits made meanwhile are lost: hold them, or rebuild twice.
   */
  rebuild(entries: Iterable<{ member: string; score: number }>, options?: PeriodSelector): Promise<number>;
  /** The name a period has in change messages. */
  periodName(options?: PeriodSelector): string;
  /** Calls `onChange` after each submit that changed a period, in every process. Resolves on the acknowledgement. */
  watch(handlers: {
    readonly onChange: (change: LeaderboardChange) => void;
    /** Changes may have been missed: read again. */
    readonly onGap?: () => void;
  }): Promise<Subscription>;
}
