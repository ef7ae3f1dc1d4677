import type { AnalyticsDays, Period } from "@cardinal/api/schemas";

const PERIODS: readonly Period[] = ["day", "week", "season", "all"];

/** The period in an address; anything else means the season. */
export function parsePeriod(value: unknown): Period {
  return PERIODS.find((period) => period === value) ?? "season";
}

const DAYS: readonly AnalyticsDays[] = [1, 7, 30, 90];

/** The days in an address; anything else means a month. */
export function parseDays(value: unknown): AnalyticsDays {
  return DAYS.find((days) => days === value) ?? 30;
}

/** A message in an address: its id, or its number in the room. */
export function parseMessage(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? String(value) : undefined;
  return typeof value === "string" && /^[\w-]{1,64}$/.test(value) ? value : undefined;
}

/** A text in an address; undefined when it is empty or something else. */
export function parseText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
