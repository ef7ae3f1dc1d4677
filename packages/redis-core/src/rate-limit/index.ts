export type { LimitDecision, LimitSource, RuleResult } from "./decision.ts";
export {
  createLimiter,
  type CallerOptions,
  type Limiter,
  type LimiterOptions,
  type LimitKeys,
} from "./limiter.ts";
export { rateLimitHeaders } from "./rate-limit-headers.ts";
export {
  fixedWindow,
  type LimitAlgorithm,
  type LimitRule,
  type LimitRules,
  slidingWindow,
  slidingWindowLog,
  tokenBucket,
} from "./rules.ts";
