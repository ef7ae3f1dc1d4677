import type { CoreContext } from "../context.ts";
import { toMs, toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";
import { createBoardMetadata, type BoardMetadata } from "./board-metadata.ts";
import type { LeaderboardOptions, PeriodKind, PeriodSelector, RankMode } from "./leaderboard-types.ts";
import { type Period, periodAt } from "./period.ts";

const defaultKeep = { day: "7d", week: "5w", month: "90d", season: "90d" } as const;
const mostWinners = 10_000;

/** A board's options made exact, and the keys and times of its periods: what its parts share. */
export interface Board<Meta> {
  readonly context: CoreContext;
  readonly name: string;
  readonly direction: "desc" | "asc";
  readonly update: LeaderboardOptions["update"];
  readonly rank: RankMode;
  readonly kinds: readonly PeriodKind[];
  /** 0: any number. */
  readonly maxMembers: number;
  readonly lateMs: number;
  readonly archive: { readonly winners: number; readonly keepMs: number };
  readonly metadata: BoardMetadata<Meta>;
  /** The server's time, as far as it is known. */
  nowMs(): number;
  noteServerTime(ms: number): void;
  /** @throws {Misuse} for a period the board does not have. */
  select(selector?: PeriodSelector): Period;
  /** The keys of a period that every board has. */
  keysOf(periodName: string): { readonly order: string; readonly places: string };
  /** Those that its options add: levels where ranks are dense, then metadata. */
  addedKeysOf(periodName: string): string[];
  /** When a period's keys go, or 0: its end and the keep time; for a season whose end nobody told, from now. */
  expiryOf(period: Period): number;
}

export function createBoard<Meta>(
  context: CoreContext,
  name: string,
  options: LeaderboardOptions<Meta>,
): Board<Meta> {
  const { order = "desc", update, rank = "ordinal", periods: kinds = ["all"], maxMembers = 0 } = options;
  if (kinds.length === 0 || new Set(kinds).size !== kinds.length) {
    throw new Misuse("a board needs at least one period, each once");
  }
  if (options.maxMembers !== undefined && !(Number.isSafeInteger(maxMembers) && maxMembers > 0)) {
    throw new Misuse(`maxMembers must be a whole number of at least 1, got ${maxMembers}`);
  }
  const keepMs = {
    day: toPositiveMs(options.keep?.day ?? defaultKeep.day, "keep.day"),
    week: toPositiveMs(options.keep?.week ?? defaultKeep.week, "keep.week"),
    month: toPositiveMs(options.keep?.month ?? defaultKeep.month, "keep.month"),
    season: toPositiveMs(options.keep?.season ?? defaultKeep.season, "keep.season"),
    all: Number.POSITIVE_INFINITY,
  };
  const lateMs = toMs(options.late ?? 0, "late");
  const tooShort = kinds.find((kind) => keepMs[kind] < lateMs);
  if (tooShort) {
    throw new Misuse(`a ${tooShort} is kept for less time than it takes late scores`);
  }
  const winners = options.archive?.winners ?? 100;
  if (!Number.isSafeInteger(winners) || winners < 1 || winners > mostWinners) {
    throw new Misuse(`archive.winners must be a whole number from 1 to ${mostWinners}, got ${winners}`);
  }
  const keys = context.keys.leaderboard;
  const metadata = createBoardMetadata(options.metadata, context.telemetry);
  /** What the server's clock is ahead of ours, learned when a submit met the wrong day. */
  let aheadMs = 0;
  const nowMs = () => context.clock.nowMs() + aheadMs;

  return {
    context,
    name,
    direction: order,
    update,
    rank,
    kinds,
    maxMembers,
    lateMs,
    archive: { winners, keepMs: toPositiveMs(options.archive?.keep ?? "400d", "archive.keep") },
    metadata,
    nowMs,
    noteServerTime(ms) {
      aheadMs = ms - context.clock.nowMs();
    },
    select({ period, season, atMs } = {}) {
      const kind = period ?? (kinds.includes("all") ? "all" : kinds[0]);
      if (kind === undefined || !kinds.includes(kind)) {
        throw new Misuse(`the board ${name} has no period ${kind}`);
      }
      return periodAt(kind, atMs ?? nowMs(), season);
    },
    keysOf: (periodName) => ({ order: keys.order(name, periodName), places: keys.places(name, periodName) }),
    addedKeysOf: (periodName) => [
      ...(rank === "dense" ? [keys.levels(name, periodName)] : []),
      ...(metadata.isKept ? [keys.metadata(name, periodName)] : []),
    ],
    expiryOf: ({ kind, endsAtMs }) => (kind === "all" ? 0 : (endsAtMs || nowMs()) + keepMs[kind]),
  };
}

const longestMemberBytes = 1_024;

/** @throws {Misuse} for text that is no member: empty, past 1024 bytes, or with a lone surrogate. */
export function checkMember(member: string): void {
  if (member === "") {
    throw new Misuse("a member may not be empty");
  }
  if (!member.isWellFormed()) {
    throw new Misuse("a member must be well-formed Unicode");
  }
  if (
    member.length > longestMemberBytes ||
    (member.length * 3 > longestMemberBytes && new TextEncoder().encode(member).length > longestMemberBytes)
  ) {
    throw new Misuse(`a member may have ${longestMemberBytes} bytes at most`);
  }
}
