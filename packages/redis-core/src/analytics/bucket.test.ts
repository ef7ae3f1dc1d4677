import { describe, expect, it } from "vitest";
import { Misuse } from "../errors.ts";
import { bucket, bucketsBetween } from "./bucket.ts";
import { daysOfPeriod } from "./periods.ts";

describe("bucket", () => {
  it("cuts time by UTC hours and days", () => {
    const { hour, day } = bucket(Date.UTC(2024, 1, 29, 23, 59, 59, 999));
    expect(hour).toMatchObject({ name: "2024-02-29T23", startsAtMs: Date.UTC(2024, 1, 29, 23) });
    expect(day).toMatchObject({ name: "2024-02-29", endsAtMs: Date.UTC(2024, 2, 1) });
    expect(bucket(day.endsAtMs).day.name).toBe("2024-03-01");
  });

  it("gives every day 24 hours, where clocks change too", () => {
    for (const [month, date] of [[2, 8], [2, 29], [9, 25], [10, 1]] as const) {
      const startMs = Date.UTC(2026, month, date);
      const hours = bucketsBetween(startMs, startMs + 86_400_000, "hour", 100);
      expect(hours).toHaveLength(24);
      expect(new Set(hours.map(({ startsAtMs }) => bucket(startsAtMs).day.startsAtMs))).toEqual(new Set([startMs]));
    }
  });

  it("counts the bucket of the first instant, and not that of `to`", () => {
    const names = (fromMs: number, toMs: number) =>
      bucketsBetween(fromMs, toMs, "hour", 10).map(({ name }) => name.slice(11));
    const startMs = Date.UTC(2026, 10, 23, 10);
    expect(names(startMs, startMs + 3_600_000)).toEqual(["10"]);
    expect(names(startMs, startMs + 3_600_001)).toEqual(["10", "11"]);
    expect(names(startMs + 3_599_999, startMs + 3_600_001)).toEqual(["10", "11"]);
  });

  it("takes months and ISO weeks as days", () => {
    const names = (period: "week" | "month", at: number) => {
      const days = daysOfPeriod(period, bucket(at).day.startsAtMs).map(({ name }) => name);
      return [days.length, days[0], days.at(-1)];
    };
    expect(names("month", Date.UTC(2024, 1, 10, 12))).toEqual([29, "2024-02-01", "2024-02-29"]);
    expect(names("month", Date.UTC(2026, 11, 31))).toEqual([31, "2026-12-01", "2026-12-31"]);
    expect(names("week", Date.UTC(2027, 0, 3, 23))).toEqual([7, "2026-12-28", "2027-01-03"]);
    expect(names("week", 0)).toEqual([4, "1970-01-01", "1970-01-04"]);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 253_402_300_800_000])("refuses %d", (ms) => {
    expect(() => bucket(ms)).toThrow(Misuse);
  });
});
