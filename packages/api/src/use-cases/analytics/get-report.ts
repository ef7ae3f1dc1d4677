import type { AppDeps } from "../../deps/app-deps.ts";
import type { AnalyticsDays, AnalyticsReport } from "../../routers/analytics/schemas.ts";
import { stretchOf } from "./stretch-of.ts";

/** Figures of a stretch beside those before it, and its series. Two parallel round trips. */
export async function getReport(
  deps: Pick<AppDeps, "analytics" | "now">,
  { days }: { readonly days: AnalyticsDays },
): Promise<AnalyticsReport> {
  const { by, current, previous } = stretchOf(days, deps.now());
  const [comparison, series] = await Promise.all([
    deps.analytics.compare({ current, previous, by }),
    deps.analytics.series({ ...current, by }),
  ]);
  return { by, ...comparison, series: [...series] };
}
