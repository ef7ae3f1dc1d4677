export type { LimitKeys } from "./asked-rule.ts";
export type { LimitDecision, LimitSource, RuleResult, TakenLimit } from "./decision.ts";
export type { OwnLimit } from "./limit-controls.ts";
export type { RuleStats } from "./limit-statistics.ts";
export {
  createLimiter,
  type Limiter,
  type LimiterOptions,
  type LimitListOptions,
  type LimitOptions,
  type LimitStatsOptions,
  type LimitWaitOptions,
} from "./limiter.ts";
export { rateLimitHeaders } from "./rate-limit-headers.ts";
export {
  concurrency,
  fixedWindow,
  type LimitAlgorithm,
  type LimitRule,
  type LimitRules,
  slidingWindow,
  slidingWindowLog,
  tokenBucket,
} from "./rules.ts";
export type { ReservedLimit } from "./reserved-limit.ts";
