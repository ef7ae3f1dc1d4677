import type { Period } from "@cardinal/api/schemas";

const PERIODS: readonly Period[] = ["day", "week", "season", "all"];

/** The period in an address; anything else means the season. */
export function parsePeriod(value: unknown): Period {
  return PERIODS.find((period) => period === value) ?? "season";
}

/** A text in an address, absent when empty. */
export function parseText<Name extends string>(
  name: Name,
  search: Record<string, unknown>,
): { [K in Name]?: string } {
  const value = search[name];
  const found: { [K in Name]?: string } = {};
  if (typeof value === "string" && value !== "") found[name] = value;
  return found;
}
