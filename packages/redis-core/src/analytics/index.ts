export type {
  Analytics,
  By,
  Comparison,
  Figures,
  PageReport,
  Point,
  Rates,
  Report,
  Stretch,
  Top,
  TopLabel,
  Tracked,
} from "./analytics.ts";
export { type Bucket, bucket, type BucketUnit } from "./bucket.ts";
export { createAnalytics } from "./create-analytics.ts";
export { analyticsMemoryBytes, type AnalyticsTraffic } from "./memory-bytes.ts";
export type { PageView, Visitor } from "./page-view.ts";
export type { AnalyticsOptions, Dimension } from "./settings.ts";
export type { BufferOptions, ViewBuffer } from "./view-buffer.ts";
