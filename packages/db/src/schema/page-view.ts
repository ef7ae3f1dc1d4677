import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { timeColumn } from "./columns.ts";

/** Views of a path in one UTC hour. The hours of a day add up to that day's row. */
export const pageViewHourly = sqliteTable(
  "page_view_hourly",
  {
    path: text("path").notNull(),
    hourAtMs: timeColumn("hour_at").notNull(),
    views: integer("views").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.path, t.hourAtMs] }),
    index("page_view_hourly_hour").on(t.hourAtMs),
    check("page_view_hourly_hour_start", sql`${t.hourAtMs} % 3600000 = 0`),
    check("page_view_hourly_views", sql`${t.views} >= 0`),
  ],
);

/** Views of a path in one UTC day; `visitors` are distinct, and therefore not a sum of anything. */
export const pageViewDaily = sqliteTable(
  "page_view_daily",
  {
    path: text("path").notNull(),
    dayAtMs: timeColumn("day_at").notNull(),
    views: integer("views").notNull(),
    visitors: integer("visitors").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.path, t.dayAtMs] }),
    index("page_view_daily_day").on(t.dayAtMs),
    check("page_view_daily_day_start", sql`${t.dayAtMs} % 86400000 = 0`),
    check("page_view_daily_counts", sql`${t.visitors} between 0 and ${t.views}`),
  ],
);

export type PageViewHourlyRow = typeof pageViewHourly.$inferSelect;
export type PageViewDailyRow = typeof pageViewDaily.$inferSelect;
