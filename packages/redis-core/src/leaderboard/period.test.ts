import { expect, test } from "vitest";
import { Misuse } from "../errors.ts";
import { periodAt } from "./period.ts";

test.each([
  ["2026-01-01", "week~2026-W01"],
  ["2025-12-29", "week~2026-W01"],
  ["2025-12-28", "week~2025-W52"],
  ["2027-01-03", "week~2026-W53"],
  ["2024-12-30", "week~2025-W01"],
  ["1970-01-01", "week~1970-W01"],
  ["1969-12-28", "week~1969-W52"],
])("%s lies in %s", (day, name) => {
  const period = periodAt("week", Date.parse(`${day}T12:00:00Z`));
  expect(period.name).toBe(name);
  expect(new Date(period.startsAtMs).getUTCDay()).toBe(1);
  expect(period.endsAtMs - period.startsAtMs).toBe(7 * 86_400_000);
});

test("a day runs from midnight to midnight in UTC", () => {
  expect(periodAt("day", Date.UTC(2026, 10, 23, 23, 59))).toEqual({
    kind: "day",
    name: "day~2026-11-23",
    startsAtMs: Date.UTC(2026, 10, 23),
    endsAtMs: Date.UTC(2026, 10, 24),
  });
});

test("a season is what the caller says, and must be said", () => {
  expect(periodAt("season", 0, { id: "7", endsAtMs: 9 })).toMatchObject({ name: "season~7", endsAtMs: 9 });
  expect(periodAt("season", 0, "7")).toMatchObject({ name: "season~7" });
  expect(() => periodAt("season", 0)).toThrow(Misuse);
});

test("a month is the UTC month, leap or not", () => {
  expect(periodAt("month", Date.UTC(2028, 1, 29, 23))).toEqual({
    kind: "month",
    name: "month~2028-02",
    startsAtMs: Date.UTC(2028, 1, 1),
    endsAtMs: Date.UTC(2028, 2, 1),
  });
  expect(periodAt("month", Date.UTC(2026, 11, 31))).toMatchObject({ endsAtMs: Date.UTC(2027, 0, 1) });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e20, Date.UTC(10_000, 0, 1), -1e15])("%s is in no period", (atMs) => {
  for (const kind of ["day", "week", "month"] as const) {
    expect(() => periodAt(kind, atMs)).toThrow(Misuse);
  }
  expect(() => periodAt("season", 0, { id: "7", endsAtMs: atMs })).toThrow(Misuse);
});
