import type { Stretch } from "@cardinal/redis-core/analytics";
import type { AnalyticsDays } from "../../routers/analytics/schemas.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export interface ReportStretch {
  readonly by: "hour" | "day";
  readonly current: Stretch & { readonly from: number; readonly to: number };
  /** Of the same length, just before. */
  readonly previous: Stretch;
}

/** The last 24 hours by the hour, or so many UTC days by the day, the running one included. */
export function stretchOf(days: AnalyticsDays, nowMs: number): ReportStretch {
  const by = days === 1 ? "hour" : "day";
  const bucketMs = by === "hour" ? hourMs : dayMs;
  const to = Math.floor(nowMs / bucketMs) * bucketMs + bucketMs;
  const from = to - days * dayMs;
  return { by, current: { from, to }, previous: { from: from - days * dayMs, to: from } };
}
