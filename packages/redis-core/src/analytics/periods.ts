import { Misuse } from "../errors.ts";
import { type Bucket, bucketsBetween, dayMs } from "./bucket.ts";

const mostDays = 31;

/** The UTC days of the day, ISO week (from Monday) or month that holds the day beginning at `dayStartMs`. */
export function daysOfPeriod(period: "day" | "week" | "month", dayStartMs: number): Bucket[] {
  switch (period) {
    case "day":
      return bucketsBetween(dayStartMs, dayStartMs + dayMs, "day", mostDays);
    case "week": {
      // 1 January 1970 was a Thursday. The week that holds it began before 1970; what is before is left out.
      const monday = dayStartMs - ((dayStartMs / dayMs + 3) % 7) * dayMs;
      return bucketsBetween(Math.max(0, monday), monday + 7 * dayMs, "day", mostDays);
    }
    case "month": {
      const date = new Date(dayStartMs);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      return bucketsBetween(Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1), "day", mostDays);
    }
    default:
      throw new Misuse(`there is no period ${String(period)}`);
  }
}
