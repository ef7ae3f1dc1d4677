import type { RedisCore } from "../../src/index.ts";
import { naivePageAnalytics } from "../naive/page-analytics.ts";
import type { TestCore } from "../../src/testing/index.ts";

/** What the naive page analytics and ours have in common, so that one test body runs on both. */
export type PageAnalytics = ReturnType<typeof naivePageAnalytics>;

/** UTC days: clocks change in New York on two of them, and a leap day. */
export const trackedDays = [Date.UTC(2024, 1, 29), Date.UTC(2026, 2, 8), Date.UTC(2026, 10, 1)];

/** Views of each UTC hour of these days. */
export const viewsByHour = Array.from({ length: 24 }, (_, hour) => 1 + (hour % 5));

const dayMs = 86_400_000;

export function ourPageAnalytics(core: RedisCore): PageAnalytics {
  const site = core.analytics("shop", { keep: { hours: "400d" }, most: { page: 100 } });
  const stretch = (dayStartMs: number) => ({ from: dayStartMs, to: dayStartMs + dayMs });
  return {
    async track(path, member, atMs) {
      await site.track({ path, visitor: { member }, atMs });
    },
    async dayViews(path, dayStartMs) {
      return (await site.page(path, { ...stretch(dayStartMs), by: "day" })).views;
    },
    async hourViews(path, dayStartMs) {
      const { series } = await site.page(path, { ...stretch(dayStartMs), by: "hour" });
      return series.map(({ views }) => views);
    },
  };
}

export function pageAnalyticsOf(kind: string, test: TestCore): PageAnalytics {
  return kind === "naive" ? naivePageAnalytics(test.redis.port, test.prefix) : ourPageAnalytics(test.core);
}
