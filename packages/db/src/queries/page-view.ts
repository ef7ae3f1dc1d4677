import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface PageViewPoint {
  /** Start of the hour or day, UTC. */
  atMs: number;
  views: number;
  visitors: number | null;
}

/**
 * Adds views of a path in the hour of `atMs`, and to its day. `newVisitors` of them had not been seen that
 * day.
 */
export function add(
  tx: WriteTransaction,
  input: { path: string; atMs: number; views: number; newVisitors: number },
): void {
  tx.statement(
    `INSERT INTO page_view_hourly (path, hour_at, views) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET views = views + excluded.views`,
  ).run(input.path, input.atMs - modulo(input.atMs, HOUR_MS), input.views);
  tx.statement(
    `INSERT INTO page_view_daily (path, day_at, views, visitors) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET views = views + excluded.views, visitors = visitors + excluded.visitors`,
  ).run(input.path, input.atMs - modulo(input.atMs, DAY_MS), input.views, input.newVisitors);
}

/**
 * Views a day over `[fromMs, toMs)`, of one path or of all. Visitors are null for all: they cannot be added
 * up.
 */
export function dailySeries(
  tx: ReadTransaction,
  options: { path?: string; fromMs: number; toMs: number },
): PageViewPoint[] {
  return tx
    .statement<PageViewPoint>(
      `SELECT day_at AS atMs, sum(views) AS views, iif(:path IS NULL, NULL, sum(visitors)) AS visitors
         FROM page_view_daily WHERE (:path IS NULL OR path = :path) AND day_at >= :fromMs AND day_at < :toMs
        GROUP BY day_at ORDER BY day_at`,
    )
    .all({ path: options.path ?? null, fromMs: options.fromMs, toMs: options.toMs });
}

/** Views an hour over `[fromMs, toMs)`, of one path or of all. */
export function hourlySeries(
  tx: ReadTransaction,
  options: { path?: string; fromMs: number; toMs: number },
): PageViewPoint[] {
  return tx
    .statement<PageViewPoint>(
      `SELECT hour_at AS atMs, sum(views) AS views, NULL AS visitors
         FROM page_view_hourly
        WHERE (:path IS NULL OR path = :path) AND hour_at >= :fromMs AND hour_at < :toMs
        GROUP BY hour_at ORDER BY hour_at`,
    )
    .all({ path: options.path ?? null, fromMs: options.fromMs, toMs: options.toMs });
}

export interface HourlyRow {
  path: string;
  atMs: number;
  views: number;
}

/** Views of every path in every hour over `[fromMs, toMs)`, in the order of time. */
export function hourlyRows(tx: ReadTransaction, options: { fromMs: number; toMs: number }): HourlyRow[] {
  return tx
    .statement<HourlyRow>(
      `SELECT path, hour_at AS atMs, views FROM page_view_hourly WHERE hour_at >= ? AND hour_at < ?
        ORDER BY hour_at, path`,
    )
    .all(options.fromMs, options.toMs);
}

/** The most viewed paths over `[fromMs, toMs)`. */
export function topPaths(
  tx: ReadTransaction,
  options: { fromMs: number; toMs: number; limit: number },
): { path: string; views: number }[] {
  return tx
    .statement<{ path: string; views: number }>(
      `SELECT path, sum(views) AS views FROM page_view_daily WHERE day_at >= ? AND day_at < ?
        GROUP BY path ORDER BY views DESC, path LIMIT ?`,
    )
    .all(options.fromMs, options.toMs, options.limit);
}

function modulo(value: number, step: number): number {
  return ((value % step) + step) % step;
}
