import { Misuse } from "../errors.ts";
import type { Figures, Point, Rates, Report, Stretch } from "./analytics.ts";
import { type Bucket, bucketsBetween, type BucketUnit } from "./bucket.ts";
import { mostDaysRead, mostHoursRead } from "./settings.ts";

const textsPerBucket = 5;

export function instant(at: number | Date): number {
  return typeof at === "number" ? at : at.getTime();
}

/** @throws {Misuse} for a stretch that is empty, reversed or too long. */
export function bucketsOf(
  { from, to }: Stretch,
  by: BucketUnit,
  mostDays = mostDaysRead,
  mostHours = mostHoursRead,
): Bucket[] {
  if (by !== "hour" && by !== "day") {
    throw new Misuse(`by must be "hour" or "day", got ${String(by)}`);
  }
  return bucketsBetween(instant(from), instant(to), by, by === "hour" ? mostHours : mostDays);
}

/** One stretch of what `report.lua` answers, from `at`. */
export function reportOf(texts: readonly string[], at: number, buckets: readonly Bucket[]): Report {
  const series = buckets.map(({ startsAtMs }, index): Point => {
    const start = at + 1 + index * textsPerBucket;
    const [views = 0, visits = 0, bounces = 0, spentMs = 0, visitors = 0] = texts
      .slice(start, start + textsPerBucket)
      .map(Number);
    return { startsAtMs, views, visitors, visits, bounces, spentMs };
  });
  const total = { views: 0, visits: 0, bounces: 0, spentMs: 0 };
  for (const point of series) {
    total.views += point.views;
    total.visits += point.visits;
    total.bounces += point.bounces;
    total.spentMs += point.spentMs;
  }
  return { total: withRates({ ...total, visitors: Number(texts[at]) }), series };
}

/** Where the next stretch begins in the same answer. */
export function textsOfStretch(buckets: readonly Bucket[]): number {
  return 1 + buckets.length * textsPerBucket;
}

function withRates(figures: Figures): Figures & Rates {
  const { views, visits, bounces, spentMs } = figures;
  const perVisit = (figure: number) => (visits === 0 ? 0 : figure / visits);
  return {
    ...figures,
    bounceRate: perVisit(bounces),
    viewsPerVisit: perVisit(views),
    averageVisitMs: perVisit(spentMs),
  };
}

/** Relative change; `null` when there was nothing before. */
export function changeOf(current: number, previous: number): number | null {
  return previous === 0 ? null : (current - previous) / previous;
}
