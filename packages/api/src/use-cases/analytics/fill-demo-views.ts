import { pageViewQueries } from "@cardinal/db";
import { isOutage } from "@cardinal/redis-core";
import type { PageView } from "@cardinal/redis-core/analytics";
import type { AppDeps } from "../../deps/app-deps.ts";

const hourMs = 3_600_000;
const keptDays = 90;
const viewsAtOnce = 200;
/** Views of one visit after another: some leave after one page, some read on. */
const visitLengths = [1, 3, 2, 1, 4, 1, 2];
const referrers = ["direct", "direct", "news.example", "search.example", "direct", "forum.example"];
const countries = ["DE", "US", "NP", "DE", "FR", "BR", "JP", "US", "GB"];
const agents = [
  ["desktop", "Chrome"],
  ["mobile", "Safari"],
  ["desktop", "Firefox"],
  ["mobile", "Chrome"],
  ["desktop", "Chrome"],
  ["tablet", "Safari"],
] as const;

/**
 * Counts the page views that the seed has put into the database, so that a fresh development shows figures. Once:
 * not when those days have figures, and by one process.
 *
 * @returns the number of views counted
 */
export async function fillDemoViews(
  deps: Pick<AppDeps, "analytics" | "core" | "db" | "now">,
  signal: AbortSignal,
): Promise<number> {
  const toMs = deps.now();
  const fromMs = toMs - keptDays * 24 * hourMs;
  const rows = await deps.db.read((tx) => pageViewQueries.hourlyRows(tx, { fromMs, toMs }));
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) {
    return 0;
  }
  await using lock = await deps.core.lock("fill-demo-views").tryAcquire();
  const stretch = { from: first.atMs, to: last.atMs + hourMs, by: "day" } as const;
  if (lock === null || (await deps.analytics.report(stretch)).total.views > 0) {
    return 0;
  }
  const views = viewsOf(rows);
  for (let start = 0; start < views.length && !signal.aborted; start += viewsAtOnce) {
    try {
      await deps.analytics.trackMany(views.slice(start, start + viewsAtOnce));
    } catch (error) {
      if (!isOutage(error)) {
        throw error;
      }
      return start;
    }
  }
  return views.length;
}

/** Single views that add up to the rows: those of an hour in turn, spread over it, visit by visit. */
function viewsOf(rows: readonly pageViewQueries.HourlyRow[]): PageView[] {
  const views: PageView[] = [];
  let visitor = 0;
  let leftOfVisit = 1;
  for (const [atMs, hour] of Map.groupBy(rows, (row) => row.atMs)) {
    const paths = inTurn(hour.map(({ path, views: count }) => ({ path, left: count })));
    paths.forEach((path, index) => {
      if (leftOfVisit === 0) {
        visitor += 1;
        leftOfVisit = visitLengths[visitor % visitLengths.length] ?? 1;
      }
      leftOfVisit -= 1;
      const [device, browser] = agents[visitor % agents.length] ?? agents[0];
      views.push({
        path,
        visitor: { address: `demo ${visitor}`, userAgent: "demo" },
        atMs: atMs + Math.floor((index * hourMs) / paths.length),
        referrer: referrers[visitor % referrers.length],
        country: countries[visitor % countries.length],
        device,
        browser,
      });
    });
  }
  return views;
}

function inTurn(pages: { readonly path: string; left: number }[]): string[] {
  const paths: string[] = [];
  for (let found = true; found; ) {
    found = false;
    for (const page of pages) {
      if (page.left > 0) {
        page.left -= 1;
        paths.push(page.path);
        found = true;
      }
    }
  }
  return paths;
}
