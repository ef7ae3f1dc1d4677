import type { Duration } from "../duration.ts";
import type { Subscription } from "../port.ts";
import type { Schema } from "../schema.ts";
import type { BoardArchive, FinalizeOptions, FinalizeResult, FinalizeWork } from "./finalize-types.ts";

/**
 * `day` is the UTC day, `week` the ISO week (Monday, UTC), `month` the UTC month, `season` what the caller
 * defines, `all` for ever.
 */
export type PeriodKind = "day" | "week" | "month" | "season" | "all";

/** A season as the caller runs them: any id, and when it ends. */
export interface Season {
  readonly id: string;
  readonly endsAtMs: number;
}

/**
 * How members are numbered: `ordinal` 1, 2, 3; `competition` gives equal scores the same rank and skips (1, 1, 3);
 * `dense` does not skip (1, 1, 2). The order among equal scores is the same in all: first to reach it, first.
 */
export type RankMode = "ordinal" | "competition" | "dense";

export interface LeaderboardOptions<Meta = undefined> {
  /** Whether the highest (`desc`, default) or the lowest score is first. */
  readonly order?: "desc" | "asc";
  /** `set` replaces, `best` keeps the better one, `increment` adds. */
  readonly update: "set" | "best" | "increment";
  /** The periods that every submit writes, in one script. Default `["all"]`. */
  readonly periods?: readonly PeriodKind[];
  /** Default `ordinal`. `dense` keeps a further set, of the scores that are held. */
  readonly rank?: RankMode;
  /** How long an ended period can still be read. Defaults: day `"7d"`, week `"5w"`, month and season `"90d"`. */
  readonly keep?: Partial<Record<"day" | "week" | "month" | "season", Duration>>;
  /**
   * How long after its end a period still takes scores: those given with an `atMs` in it, or with its season. After
   * that it is closed. Default 0.
   */
  readonly late?: Duration;
  /** Members kept per period; one more, and the last one goes, which may be the newcomer. Default: any number. */
  readonly maxMembers?: number;
  /** Lets members have metadata, per period, checked by this when written and when read. */
  readonly metadata?: Schema<Meta>;
  /** What `finalize` keeps: this many winners (default 100, at most 10 000), this long (default `"400d"`). */
  readonly archive?: { readonly winners?: number; readonly keep?: Duration };
}

export interface LeaderboardEntry<Meta = undefined> {
  readonly member: string;
  readonly score: number;
  /** From 1. */
  readonly rank: number;
  /** Undefined where none was given, or what is stored is refused by the board's schema. */
  readonly metadata?: Meta | undefined;
}

/** Which period a read is about. */
export interface PeriodSelector {
  /** Default `all` where the board has it, else its first period. */
  readonly period?: PeriodKind;
  /** Needed with `period: "season"`: the season or its id. */
  readonly season?: Season | string;
  /** Reads the day, week or month that held this instant instead of the current one. */
  readonly atMs?: number;
}

export interface SubmitOptions<Meta = undefined> {
  /** Makes the submit exactly-once for 24 hours: a repeat changes nothing and answers as the first did. */
  readonly operationId?: string;
  /** The running season. Without one, a board with the period `season` leaves it untouched. */
  readonly season?: Season;
  /** When the score was reached, if not now: it goes to the day, week and month of that instant, while they are open. */
  readonly atMs?: number;
  /** Replaces the member's. On a board of `best` scores it stays with the best one. */
  readonly metadata?: Meta;
}

export interface MemberStanding {
  readonly score: number;
  /** Null for a member without a score, whose score reads 0. */
  readonly rank: number | null;
}

export interface Standing extends MemberStanding {
  /** Whether the member's score got better. */
  readonly improved: boolean;
}

/** The standing in `all` (else in the first period), and in each period. */
export interface SubmitResult extends Standing {
  /** Rank before this submit, or null for a member new to the period. */
  readonly previousRank: number | null;
  /** Rank null, score 0: a newcomer below all `maxMembers`, or without a score in a closed period. */
  readonly periods: Readonly<Partial<Record<PeriodKind, Standing>>>;
  /** The periods that were left as they are: over, finalized, or not begun. */
  readonly closed: readonly PeriodKind[];
}

export interface LeaderboardPage<Meta = undefined> {
  readonly entries: readonly LeaderboardEntry<Meta>[];
  /** Members in the period. */
  readonly total: number;
  /** Rises with every change of the period. 0 before the first. */
  readonly version: number;
  /** Hand it to the next call as `cursor`; null after the last page. */
  readonly nextCursor: string | null;
  /** Hand it to the next call as `before`; null before the first page. */
  readonly previousCursor: string | null;
}

export interface PageOptions extends PeriodSelector {
  /** The page after this place. */
  readonly cursor?: string | null;
  /** The page that ends before this place. */
  readonly before?: string | null;
  /** Default 50, at most 1000. */
  readonly limit?: number;
}

/** Buckets of equal width between the lowest and the highest score, or the bounds of buckets, rising. At most 1000. */
export type HistogramShape = { readonly buckets: number } | { readonly bounds: readonly number[] };

/** Members with `from ≤ score < to`; the last bucket has `to` as well. */
export interface HistogramBucket {
  readonly from: number;
  readonly to: number;
  readonly members: number;
}

/** A row for `rebuild`. */
export interface RebuildEntry<Meta = undefined> {
  readonly member: string;
  readonly score: number;
  readonly metadata?: Meta | undefined;
}

/** What a submit changed: the version each changed period now has, by its name (`all`, `day~2026-11-23` …). */
export interface LeaderboardChange {
  readonly versions: Readonly<Record<string, number>>;
}

/**
 * Scores with exact ties: among equal scores, who reached it first is first, at any magnitude. All keys of
 * a board share one Cluster slot, so a board is as fast as one node. Every method is one round trip and
 * fails as its port does; nothing is answered from memory when Redis is away. Scores are doubles, ±Infinity
 * included; NaN is refused. Members are text of 1 to 1024 bytes.
 */
export interface Leaderboard<Meta = undefined> {
  /**
   * Writes the score to every period of the board that is open.
   *
   * @throws {Misuse} for NaN, an infinite increment, a member that is no member, or an operation id reused for
   *   another submit.
   */
  submit(member: string, score: number, options?: SubmitOptions<Meta>): Promise<SubmitResult>;
  /** The first `n` (at most 1000) entries. */
  top(n: number, options?: PeriodSelector): Promise<LeaderboardEntry<Meta>[]>;
  /** The member and up to `radius` entries on either side; empty for a member without a score. */
  around(member: string, radius: number, options?: PeriodSelector): Promise<LeaderboardEntry<Meta>[]>;
  get(member: string, options?: PeriodSelector): Promise<MemberStanding & { readonly metadata?: Meta | undefined }>;
  /** Standings of some members (friends) with their ranks on the whole board, best first; those without a score last. */
  among(
    members: readonly string[],
    options?: PeriodSelector,
  ): Promise<({ readonly member: string; readonly metadata?: Meta | undefined } & MemberStanding)[]>;
  /**
   * A page after `cursor` or before `before`. A cursor is a place in the order, not a number: members who come or
   * go above it move nothing, so no unmoved member is skipped or shown twice.
   */
  page(options?: PageOptions): Promise<LeaderboardPage<Meta>>;
  /** Share (0–100) of the other members with a strictly worse score; null without a score, 100 when alone. */
  percentile(member: string, options?: PeriodSelector): Promise<number | null>;
  /** How many members have which scores, from the lowest bucket up. Empty for an empty board, if by `buckets`. */
  histogram(shape: HistogramShape, options?: PeriodSelector): Promise<HistogramBucket[]>;
  /** Removes a member from a period; true when he was in it. */
  remove(member: string, options?: PeriodSelector): Promise<boolean>;
  /**
   * Closes a period that is over, keeps its winners, and lets one caller at a time pay them: the claim is his while
   * he lives, and the next caller's once he is dead. Two round trips, and a renewal every third of the lease.
   *
   * `work` may run again after a crash, so it stores `id` with what it does, in one transaction; then nobody is
   * paid twice. When it throws, the claim is free at once and the error goes to the caller.
   *
   * @throws {Misuse} for the period `all`, and for a season whose end is not given.
   */
  finalize(
    period: PeriodSelector,
    work: FinalizeWork<Meta>,
    options?: FinalizeOptions,
  ): Promise<FinalizeResult<Meta>>;
  /** The winners of a period that was closed by `finalize`, else null. */
  archive(period: PeriodSelector): Promise<BoardArchive<Meta> | null>;
  /**
   * Replaces a period by `entries`, given in the order in which they reached their scores. Readers see the
   * old board until the last step swaps it. Submits made meanwhile are lost: hold them, or rebuild twice.
   */
  rebuild(entries: Iterable<RebuildEntry<Meta>>, options?: PeriodSelector): Promise<number>;
  /** The name a period has in change messages. */
  periodName(options?: PeriodSelector): string;
  /** Calls `onChange` after each submit that changed a period, in every process. Resolves on the acknowledgement. */
  watch(handlers: {
    readonly onChange: (change: LeaderboardChange) => void;
    /** Changes may have been missed: read again. */
    readonly onGap?: () => void;
  }): Promise<Subscription>;
}
