import type { AppDeps } from "../../deps/app-deps.ts";
import type { AnalyticsDays, AnalyticsDimension, AnalyticsTop } from "../../routers/analytics/schemas.ts";
import { stretchOf } from "./stretch-of.ts";

interface GetTopLabelsInput {
  readonly dimension: AnalyticsDimension;
  readonly days: AnalyticsDays;
  readonly limit: number;
}

/** The labels with the most views on the UTC days of a stretch. */
export async function getTopLabels(
  deps: Pick<AppDeps, "analytics" | "now">,
  { dimension, days, limit }: GetTopLabelsInput,
): Promise<AnalyticsTop> {
  const { labels, ...rest } = await deps.analytics.top(dimension, {
    ...stretchOf(days, deps.now()).current,
    n: limit,
  });
  return { ...rest, labels: labels.map(({ mayMiss, ...label }) => ({ ...label, isExact: mayMiss === 0 })) };
}
