import { z } from "zod";

export const analyticsTrackInput = z.strictObject({
  /** Of the page, without its host. Query and fragment are not counted apart. */
  path: z.string().min(1).max(2_000).startsWith("/"),
  /** Where the visitor came from, when this is the first page he sees. */
  referrer: z.string().max(2_000).nullish(),
  /** Of the browser, such as `Asia/Kathmandu`. */
  timeZone: z.string().max(64).nullish(),
  /** Chosen by the caller: the same view sent again counts once. */
  viewId: z.uuid(),
});
/** `lost`: the counters were away. A view is not worth an error. */
export const analyticsTrackOutput = z.object({ outcome: z.enum(["counted", "repeated", "bot", "lost"]) });

/** So many UTC days, today included; 1 means the last 24 hours. */
export const daysSchema = z.union([z.literal(1), z.literal(7), z.literal(30), z.literal(90)]);

export const figuresSchema = z.object({
  views: z.number(),
  visitors: z.number(),
  visits: z.number(),
  bounceRate: z.number(),
  averageVisitMs: z.number(),
});

export const analyticsReportInput = z.strictObject({ days: daysSchema });
export const analyticsReportOutput = z.object({
  by: z.enum(["hour", "day"]),
  current: figuresSchema,
  /** The stretch of the same length just before. */
  previous: figuresSchema,
  /** Relative change of each figure; null when there was nothing before. */
  change: z.object({
    views: z.number().nullable(),
    visitors: z.number().nullable(),
    visits: z.number().nullable(),
    bounceRate: z.number().nullable(),
    averageVisitMs: z.number().nullable(),
  }),
  series: z.array(z.object({ startsAtMs: z.number(), views: z.number(), visitors: z.number() })),
});

export const dimensionSchema = z.enum(["page", "referrer", "country", "device", "browser"]);
export const analyticsTopInput = z.strictObject({
  dimension: dimensionSchema,
  days: daysSchema,
  limit: z.int().min(1).max(50).default(10),
});
export const analyticsTopOutput = z.object({
  labels: z.array(z.object({ label: z.string(), views: z.number(), isExact: z.boolean() })),
  /** Views of all others. */
  other: z.number(),
  total: z.number(),
});

/** Different visitors of the last five minutes. */
export const analyticsNowOutput = z.object({ visitors: z.number() });

export type AnalyticsDays = z.infer<typeof daysSchema>;
export type AnalyticsDimension = z.infer<typeof dimensionSchema>;
export type AnalyticsReport = z.infer<typeof analyticsReportOutput>;
export type AnalyticsTop = z.infer<typeof analyticsTopOutput>;
export type TrackOutcome = z.infer<typeof analyticsTrackOutput>["outcome"];
