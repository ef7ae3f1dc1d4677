import type { Dimension } from "./settings.ts";
import type { PageView } from "./page-view.ts";
import type { BufferOptions, ViewBuffer } from "./view-buffer.ts";

/** What became of a view. */
export type Tracked = "counted" | "repeated" | "bot";

export interface Figures {
  readonly views: number;
  /** Different visitors, by HyperLogLog: within 2 %. Never a sum of parts. */
  readonly visitors: number;
  readonly visits: number;
  /** Visits that saw one page. */
  readonly bounces: number;
  /** Time between the views of the same visit, added up. */
  readonly spentMs: number;
}

export interface Rates {
  /** Share of visits that saw one page, 0 to 1; 0 without visits. */
  readonly bounceRate: number;
  readonly viewsPerVisit: number;
  readonly averageVisitMs: number;
}

export interface Point extends Figures {
  readonly startsAtMs: number;
}

export interface Stretch {
  /** First instant; the bucket that holds it counts whole. Milliseconds or a Date. */
  readonly from: number | Date;
  /** First instant after it. */
  readonly to: number | Date;
}

export interface Report {
  readonly total: Figures & Rates;
  /** Every hour or day of the stretch, those without views as zeros. */
  readonly series: readonly Point[];
}

export interface PageReport {
  readonly views: number;
  readonly visitors: number;
  readonly series: readonly {
    readonly startsAtMs: number;
    readonly views: number;
    /** By the day only; `null` by the hour. */
    readonly visitors: number | null;
  }[];
}

export interface TopLabel {
  readonly label: string;
  readonly views: number;
  /** Views it may have had while it was not listed, and they counted as `other`. 0: `views` is exact. */
  readonly mayMiss: number;
}

export interface Top {
  readonly labels: readonly TopLabel[];
  /** Views of all labels that are not in `labels`. */
  readonly other: number;
  /** Always `other` and the `labels` together. */
  readonly total: number;
}

export interface Comparison {
  readonly current: Figures & Rates;
  readonly previous: Figures & Rates;
  /** Relative change of each figure: 0.25 is a quarter more, `null` when there was nothing before. */
  readonly change: Readonly<Record<keyof (Figures & Rates), number | null>>;
}

export type By = "hour" | "day";

/**
 * Page analytics of one site. Every figure is kept by the UTC hour and day, expires by itself and is bounded in
 * memory (`analyticsMemoryBytes`). No address and no user agent is stored.
 *
 * All keys of a site share one Cluster slot, because a day's visitors are unions of sketches: a site is as fast as
 * one node, and takes the memory of one node.
 *
 * Each method is one round trip (`top` and `report` of any length too) and throws `RedisUnavailable` or
 * `OutcomeUnknown` without Redis, `Misuse` for arguments out of range. Two things cost one more, seldom: the salt,
 * once in its period and process, and a process whose clock is off, when it first learns the server's time.
 *
 * @example
 * const site = core.analytics("shop");
 * await site.track({ path: "/blog", visitor: { address, userAgent }, referrer: "example.org" });
 * const { total, series } = await site.report({ from: Date.now() - 7 * 86_400_000, to: Date.now(), by: "day" });
 */
export interface Analytics {
  /**
   * Counts one view: page, visitor, visit, dimensions, member. Calls of one turn of the event loop share a round
   * trip. A lost reply is asked for again and counts once; a view with an `id` counts once in 24 hours.
   */
  track(view: PageView): Promise<Tracked>;
  /** Counts many: a round trip for each 200 views of an hour, 16 in parallel. Not all or nothing between these. */
  trackMany(views: readonly PageView[]): Promise<Tracked[]>;
  /** Collects views in this process and sends them by size and time. It ends with the core. */
  buffer(options?: BufferOptions): ViewBuffer;
  /** Totals and series. At most 1000 hours or 400 days. */
  report(query: Stretch & { readonly by: By }): Promise<Report>;
  /** The report's series alone. */
  series(query: Stretch & { readonly by: By }): Promise<readonly Point[]>;
  /** One page's figures, counted while it was among the listed pages of its day. At most 93 days. */
  page(path: string, query: Stretch & { readonly by: By }): Promise<PageReport>;
  /** The `n` (1 to 1000) labels with the most views on the UTC days of the stretch. At most 93 days. */
  top(dimension: Dimension, query: Stretch & { readonly n?: number }): Promise<Top>;
  /** Two stretches side by side, by the same unit, read at one moment. */
  compare(query: {
    readonly current: Stretch;
    readonly previous: Stretch;
    readonly by: By;
  }): Promise<Comparison>;
  /** Different members who looked at a page in the UTC day, ISO week or month that holds `at` (default: now). */
  activeMembers(period: "day" | "week" | "month", at?: number | Date): Promise<number>;
  /** Different visitors of the last five minutes (up to 30 seconds more). */
  now(): Promise<number>;
}
