import { Misuse } from "../errors.ts";
import type { PeriodKind, Season } from "./leaderboard-types.ts";

const dayMs = 86_400_000;

/** One concrete stretch of time of a board. */
export interface Period {
  readonly kind: PeriodKind;
  /**
   * Part of the keys and of change messages: `day~2026-11-23`, `week~2026-W48`, `month~2026-11`, `season~7`,
   * `all`.
   */
  readonly name: string;
  readonly startsAtMs: number;
  /** 0 for a period without an end. */
  readonly endsAtMs: number;
}

/** Years that have four digits, so that names sort and none is another's. */
const earliestMs = Date.parse("0000-01-01T00:00:00Z");
const latestMs = Date.UTC(10_000, 0, 1);

/**
 * The period of a kind that holds an instant.
 *
 * @throws {Misuse} for a season that is not given or ends at no time, and for an instant outside the years 0 to 9999.
 */
export function periodAt(kind: PeriodKind, atMs: number, season?: Season | string): Period {
  if (!(atMs >= earliestMs && atMs < latestMs)) {
    throw new Misuse(`a period is found by milliseconds of the years 0 to 9999, got ${atMs}`);
  }
  switch (kind) {
    case "all":
      return { kind, name: "all", startsAtMs: 0, endsAtMs: 0 };
    case "day": {
      const startsAtMs = Math.floor(atMs / dayMs) * dayMs;
      const name = `day~${new Date(startsAtMs).toISOString().slice(0, 10)}`;
      return { kind, name, startsAtMs, endsAtMs: startsAtMs + dayMs };
    }
    case "week":
      return isoWeekAt(atMs);
    case "month": {
      const at = new Date(atMs);
      const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
      const name = `month~${at.toISOString().slice(0, 7)}`;
      return { kind, name, startsAtMs: Date.UTC(year, month), endsAtMs: Date.UTC(year, month + 1) };
    }
    case "season": {
      if (season === undefined) {
        throw new Misuse("the period season needs its season");
      }
      const { id, endsAtMs } = typeof season === "string" ? { id: season, endsAtMs: 0 } : season;
      if (typeof season !== "string" && !(endsAtMs > 0 && endsAtMs < latestMs)) {
        throw new Misuse(`a season ends at a time in milliseconds, got ${endsAtMs}`);
      }
      return { kind, name: `season~${id}`, startsAtMs: 0, endsAtMs };
    }
  }
}

/** ISO 8601: weeks begin on Monday, and week 1 of a year is the one that holds its first Thursday. */
function isoWeekAt(atMs: number): Period {
  const days = Math.floor(atMs / dayMs);
  // 1 January 1970 was a Thursday, so day number + 3 counts whole weeks from a Monday.
  const monday = days - ((((days + 3) % 7) + 7) % 7);
  const thursday = new Date((monday + 3) * dayMs);
  const year = thursday.getUTCFullYear();
  const week = Math.floor(((monday + 3) * dayMs - Date.UTC(year, 0, 1)) / (7 * dayMs)) + 1;
  const name = `week~${year}-W${String(week).padStart(2, "0")}`;
  return { kind: "week", name, startsAtMs: monday * dayMs, endsAtMs: (monday + 7) * dayMs };
}
