import { type Duration, toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";
import { dayMs, hourMs } from "./bucket.ts";

/** What a view can be counted by besides its page. */
export const dimensions = ["page", "referrer", "country", "device", "browser"] as const;
export type Dimension = (typeof dimensions)[number];

export interface AnalyticsOptions {
  /** How long figures stay after their hour or day has ended. */
  readonly keep?: {
    /** Figures by the hour, at least 2 hours. Default `"31d"`. */
    readonly hours?: Duration;
    /** Figures by the day, and the members active on it. Default `"400d"`. */
    readonly days?: Duration;
    /** Figures of single pages, by the day and the hour. Default `"90d"`. */
    readonly pages?: Duration;
  };
  /**
   * How many labels a day keeps of each dimension; the rest is `other`. Default: 500 pages, 200 referrers, 250
   * countries, 20 devices, 50 browsers.
   */
  readonly most?: Partial<Readonly<Record<Dimension, number>>>;
  /** A visit ends when its visitor has been away this long, at most an hour. Default `"30m"`. */
  readonly visitWindow?: Duration;
  /** How long a salt, and so the id of a visitor who is not signed in, lives. Default `"1d"`: the UTC day. */
  readonly saltPeriod?: Duration;
}

export interface AnalyticsSettings {
  readonly keepHoursMs: number;
  readonly keepDaysMs: number;
  readonly keepPagesMs: number;
  readonly most: Readonly<Record<Dimension, number>>;
  readonly visitWindowMs: number;
  readonly saltPeriodMs: number;
}

/** Pages that left the list and still wait for their visitors to be dropped, at most. */
export const mostEvicted = 200;
/** Labels beside the listed ones of a dimension that are counted in case they come to be listed. */
export const moreCandidates = 100;
export const mostHoursRead = 1_000;
export const mostDaysRead = 400;
/** `top` merges its days' lists in Redis: 93 days of 500 labels take it about 20 ms. */
export const mostTopDays = 93;
export const sliceMs = 30_000;
/** The slice of now and the ten before reach five minutes back, and at most 30 seconds more. */
export const recentSlices = 11;
export const eventTtlMs = dayMs;

const defaults = { page: 500, referrer: 200, country: 250, device: 20, browser: 50 } as const;
const longestKeepMs = 5 * 366 * dayMs;

/** @throws {Misuse} for options out of range. */
export function settingsOf(options: AnalyticsOptions): AnalyticsSettings {
  const { keep = {} } = options;
  const most: Record<Dimension, number> = { ...defaults, ...options.most };
  for (const dimension of dimensions) {
    const limit = most[dimension];
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > 10_000) {
      throw new Misuse(`most.${dimension} must be a whole number from 1 to 10000, got ${limit}`);
    }
  }
  return {
    keepHoursMs: within(keep.hours ?? "31d", 2 * hourMs, longestKeepMs, "keep.hours"),
    keepDaysMs: within(keep.days ?? "400d", dayMs, longestKeepMs, "keep.days"),
    keepPagesMs: within(keep.pages ?? "90d", dayMs, longestKeepMs, "keep.pages"),
    most,
    visitWindowMs: within(options.visitWindow ?? "30m", 1_000, hourMs, "visitWindow"),
    saltPeriodMs: within(options.saltPeriod ?? "1d", hourMs, 31 * dayMs, "saltPeriod"),
  };
}

function within(duration: Duration, least: number, most: number, what: string): number {
  const ms = toPositiveMs(duration, what);
  if (ms < least || ms > most) {
    throw new Misuse(`${what} must be from ${least} to ${most} ms, got ${ms}`);
  }
  return ms;
}
