import type { WriteTransaction } from "../database/transaction.ts";
import * as pageViewQueries from "../queries/page-view.ts";
import * as postQueries from "../queries/post.ts";
import type { SeededPost } from "./posts.ts";
import { createRandom, type Random } from "./random.ts";
import { MS, SEED_NOW_MS } from "./seed-time.ts";

const DAYS = 30;

/** Views of an ordinary weekday. */
const PAGES: readonly { path: string; perDay: number }[] = [
  { path: "/", perDay: 260 },
  { path: "/chat", perDay: 340 },
  { path: "/leaderboard", perDay: 150 },
  { path: "/blog", perDay: 120 },
];

/** The share of a day's views in each hour, UTC: quiet nights, a morning and an evening peak. */
const HOURS = [1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 7, 6, 6, 7, 7, 7, 6, 6, 6, 6, 5, 4, 3, 2];
const HOURS_TOTAL = HOURS.reduce((sum, share) => sum + share, 0);

/** Thirty days of views of every page and post. A post is read most when it is new. */
export function seedPageViews(tx: WriteTransaction, posts: readonly SeededPost[]): void {
  const random = createRandom(6_000);
  const firstDay = SEED_NOW_MS - DAYS * MS.day;
  for (let day = firstDay; day < SEED_NOW_MS; day += MS.day) {
    const isWeekend = new Date(day).getUTCDay() % 6 === 0;
    const mood = (isWeekend ? 0.55 : 1) * (0.85 + random.next() * 0.3);
    for (const page of PAGES) seedDay(tx, { path: page.path, dayMs: day, views: page.perDay * mood, random });
    for (const post of posts) {
      const ageDays = (day - post.publishedAtMs) / MS.day;
      if (ageDays < -1) continue;
      const views = seedDay(tx, {
        path: `/blog/${post.slug}`,
        dayMs: day,
        views: (6 + 70 * Math.exp(-Math.max(0, ageDays) / 6)) * mood,
        random,
      });
      postQueries.addViews(tx, post.id, views);
    }
  }
}

function seedDay(
  tx: WriteTransaction,
  input: { path: string; dayMs: number; views: number; random: Random },
): number {
  const { path, dayMs, random } = input;
  let total = 0;
  HOURS.forEach((share, hour) => {
    const expected = (input.views * share) / HOURS_TOTAL;
    const views = Math.floor(expected * (0.6 + random.next() * 0.8) + random.next());
    if (views === 0) return;
    const newVisitors = Math.min(views, Math.round(views * (0.45 + random.next() * 0.3)));
    pageViewQueries.add(tx, { path, atMs: dayMs + hour * MS.hour, views, newVisitors });
    total += views;
  });
  return total;
}
