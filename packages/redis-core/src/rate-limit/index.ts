export type { LimitKeys } from "./asked-rule.ts";
export type { LimitDecision, LimitSource, RuleResult } from "./decision.ts";
export {
  createLimiter,
  type Limiter,
  type LimiterOptions,
  type LimitOptions,
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
export type { ReservedLimit, TakenLimit } from "./taken-limit.ts";
