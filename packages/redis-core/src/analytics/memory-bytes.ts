import { dayMs, hourMs } from "./bucket.ts";
import { type AnalyticsOptions, moreCandidates, mostEvicted, recentSlices, settingsOf } from "./settings.ts";

/** What of a site's memory depends on its traffic. */
export interface AnalyticsTraffic {
  /** Visitors whose last view is within the visit window. */
  readonly visitorsAtOnce: number;
  /** Views with an id in 24 hours. */
  readonly viewsWithIdADay?: number;
  /** Batches that are remembered: of the last minute, a buffer's of the last hour. */
  readonly batches?: number;
}

/** A dense HyperLogLog of Redis is 12 304 bytes; with its key and the allocator's rounding. */
const sketchBytes = 14_500;
const figuresBytes = 400;
/** A label of 200 characters of three bytes, in a sorted set and its index. */
const labelBytes = 760;
const smallKeyBytes = 450;

/**
 * The most memory a site can take in Redis, in bytes, whoever sends what:
 *
 * hours · (sketch + figures) + days · (2 · sketch + figures + (labels · 3 + 400) · label) +
 * page days · ((pages + 200) · (sketch + label) + (pages · 27 + 100) · label) + 11 · sketch +
 * (visitors at once + ids a day + batches) · 450 bytes
 *
 * where a sketch is 14 500 bytes, a label 760 and figures 400; hours, days and page days are those kept and the
 * running one; labels are those of the four dimensions besides the page. A label may be listed, missed and a
 * candidate, a page has 24 hours too. Real sites take far less: a sketch of few visitors is a few hundred bytes.
 */
export function analyticsMemoryBytes(options: AnalyticsOptions, traffic: AnalyticsTraffic): number {
  const { keepHoursMs, keepDaysMs, keepPagesMs, most } = settingsOf(options);
  const hours = Math.ceil(keepHoursMs / hourMs) + 1;
  const days = Math.ceil(keepDaysMs / dayMs) + 1;
  const pageDays = Math.ceil(keepPagesMs / dayMs) + 1;
  const labels = most.referrer + most.country + most.device + most.browser;
  const small = traffic.visitorsAtOnce + (traffic.viewsWithIdADay ?? 0) + (traffic.batches ?? 0);
  return (
    hours * (sketchBytes + figuresBytes) +
    days * (2 * sketchBytes + figuresBytes + (labels * 3 + 4 * moreCandidates) * labelBytes) +
    pageDays * ((most.page + mostEvicted) * (sketchBytes + labelBytes) + (most.page * 27 + moreCandidates) * labelBytes) +
    recentSlices * sketchBytes +
    small * smallKeyBytes
  );
}
