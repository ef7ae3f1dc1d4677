import { bucket } from "../../src/analytics/index.ts";
import { manualClock } from "../../src/clock.ts";
import { createTestCore } from "../../src/testing/index.ts";
import { pageAnalyticsOf, trackedDays, viewsByHour } from "./page-analytics.ts";

export interface DayRead {
  readonly localHourOfNoon: number;
  readonly bucketOfNoon: string;
  readonly views: number;
  readonly hours: readonly number[];
}

const hourMs = 3_600_000;
const [url = "", kind = ""] = process.argv.slice(2);
const clock = manualClock(0);
await using test = await createTestCore(url, { clock });
const analytics = pageAnalyticsOf(kind, test);
const reads: DayRead[] = [];
for (const day of trackedDays) {
  clock.set(day + 48 * hourMs);
  const instants = viewsByHour.flatMap((views, hour) =>
    Array.from({ length: views }, (_, index) => day + hour * hourMs + index * 1_000),
  );
  await Promise.all(instants.map((at) => analytics.track("/", "ada", at)));
  reads.push({
    localHourOfNoon: new Date(day + 12 * hourMs).getHours(),
    bucketOfNoon: bucket(day + 12 * hourMs).hour.name,
    views: await analytics.dayViews("/", day),
    hours: await analytics.hourViews("/", day),
  });
}
process.send?.(reads);
