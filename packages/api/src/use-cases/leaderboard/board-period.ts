import {
  boardQueries,
  type BoardRow,
  type ReadTransaction,
  seasonQueries,
  type SeasonRow,
} from "@cardinal/db";
import type { PeriodSelector } from "@cardinal/redis-core/leaderboard";
import { BoardNotFound } from "../../errors/domain-errors.ts";
import type { Period } from "../../routers/leaderboard/schemas.ts";

const dayMs = 86_400_000;

/** A season, or a span `[fromMs, toMs)`, or all of the ledger. */
interface LedgerScope {
  readonly seasonId?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** A board and the period asked for: as Redis names it, and as a part of the ledger. */
export interface BoardPeriod {
  readonly board: BoardRow;
  /** Undefined: a season was asked for and none is running. */
  readonly selector: PeriodSelector | undefined;
  readonly scope: LedgerScope;
}

/** @throws {BoardNotFound} */
export function requireBoard(tx: ReadTransaction, name: string): BoardRow {
  const board = boardQueries.find(tx, name);
  if (board === undefined) {
    throw new BoardNotFound();
  }
  return board;
}

/** @throws {BoardNotFound} */
export function boardPeriodOf(
  tx: ReadTransaction,
  input: { board: string; period: Period },
  nowMs: number,
): BoardPeriod {
  const board = requireBoard(tx, input.board);
  const season = input.period === "season" ? seasonQueries.findRunning(tx) : undefined;
  return { board, ...periodOf(input.period, season, nowMs) };
}

/** A period in both its forms. Days begin at midnight UTC, weeks on Monday. */
export function periodOf(
  period: Period,
  season: SeasonRow | undefined,
  nowMs: number,
): Pick<BoardPeriod, "selector" | "scope"> {
  switch (period) {
    case "all":
      return { selector: { period }, scope: {} };
    case "season":
      return season === undefined
        ? { selector: undefined, scope: {} }
        : { selector: { period, season: toRedisSeason(season) }, scope: { seasonId: season.id } };
    case "day": {
      const fromMs = Math.floor(nowMs / dayMs) * dayMs;
      return { selector: { period }, scope: { fromMs, toMs: fromMs + dayMs } };
    }
    case "week": {
      // 1 January 1970 was a Thursday, the fourth day of its week.
      const fromMs = (Math.floor((nowMs / dayMs + 3) / 7) * 7 - 3) * dayMs;
      return { selector: { period }, scope: { fromMs, toMs: fromMs + 7 * dayMs } };
    }
  }
}

/** A season as the board in Redis knows it. */
export function toRedisSeason(season: SeasonRow): { id: string; endsAtMs: number } {
  return { id: season.id, endsAtMs: season.endsAtMs };
}
