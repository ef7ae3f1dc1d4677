import { type Duration, toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";

export type LimitAlgorithm =
  | "fixed-window"
  | "sliding-window"
  | "sliding-window-log"
  | "token-bucket"
  | "concurrency";

/**
 * One rule of a limiter, made by `slidingWindow`, `fixedWindow`, `slidingWindowLog`, `tokenBucket` or
 * `concurrency`.
 */
export interface LimitRule {
  readonly algorithm: LimitAlgorithm;
  /** Cost that may pass in a window; for a token bucket the burst, i.e. what may pass at once. */
  readonly limit: number;
  /**
   * Length of the window; for a token bucket the time an empty one takes to fill up, rounded up; for
   * concurrency how long a lease lasts.
   */
  readonly windowMs: number;
  /** Of a token bucket: `rate` tokens come back every `perMs`, in lowest terms. */
  readonly refill?: { readonly rate: number; readonly perMs: number };
}

export type LimitRules = Readonly<Record<string, LimitRule>>;

const largestLimit = 1_000_000_000;
const largestLogLimit = 10_000;
const longestWindowMs = 366 * 86_400_000;

/**
 * Counts in windows that begin at multiples of `window` since 1970 (UTC). Never more than `limit` between
 * two such moments; up to 2 × `limit` in a window laid across one. State: one small key, gone when its
 * window ends.
 */
export function fixedWindow(limit: number, window: Duration): LimitRule {
  return createRule("fixed-window", limit, toPositiveMs(window, "window"));
}

/**
 * The sliding window counter: the current fixed window's count plus the share of the previous one that a
 * window ending now would still cover, as if its calls had come evenly
 * (https://blog.cloudflare.com/counting-things-a-lot-of-different-things/). Never more than `limit` by this
 * estimate. State: one small key, gone after two windows.
 */
export function slidingWindow(limit: number, window: Duration): LimitRule {
  return createRule("sliding-window", limit, toPositiveMs(window, "window"));
}

/**
 * Remembers every call: never more than `limit` in any window of that length, wherever it begins. State:
 * an entry per unit of cost, so at most `limit`, which may be 10 000; gone after a window without calls.
 */
export function slidingWindowLog(limit: number, window: Duration): LimitRule {
  if (limit > largestLogLimit) {
    throw new Misuse(`a sliding window log keeps every call, so its limit may be at most ${largestLogLimit}`);
  }
  return createRule("sliding-window-log", limit, toPositiveMs(window, "window"));
}

/**
 * A bucket of `burst` tokens (default `rate`) of which `rate` come back evenly every `per`: in any time t at
 * most `burst + rate · t / per` pass. Kept as one exact level, which is the generic cell rate algorithm (ITU-T
 * I.371) in its leaky-bucket form. State: one small key, gone after the time of two fillings at the latest.
 *
 * @example tokenBucket({ rate: 10, per: "1s", burst: 50 })
 */
export function tokenBucket(options: {
  readonly rate: number;
  readonly per: Duration;
  readonly burst?: number;
}): LimitRule {
  const { rate, burst = rate } = options;
  const perMs = toPositiveMs(options.per, "per");
  if (!Number.isSafeInteger(rate) || rate < 1 || rate > largestLimit) {
    throw new Misuse(`rate must be a whole number from 1 to ${largestLimit}, got ${rate}; choose another per`);
  }
  const common = greatestCommonDivisor(rate, perMs);
  const refill = { rate: rate / common, perMs: perMs / common };
  const rule = createRule("token-bucket", burst, Math.ceil((burst * perMs) / rate));
  if (burst * refill.perMs > Number.MAX_SAFE_INTEGER) {
    throw new Misuse(`a burst of ${burst} at ${rate} per ${perMs} ms cannot be counted exactly; choose rounder figures`);
  }
  return { ...rule, refill };
}

/**
 * At most `limit` at the same time: a call that passes takes a lease of `ttl`, and `decision.release()` gives
 * it back when the work is done. Work that takes longer than `ttl` is not counted any more, and what a dead
 * process had is free again after `ttl`. `retryAfterMs` is when the next lease ends by itself; a release may
 * come sooner. State: an entry per lease, so at most `limit`, which may be 10 000; gone a `ttl` after the last.
 *
 * @example { inFlight: concurrency(5, { ttl: "30s" }) }
 */
export function concurrency(limit: number, options: { readonly ttl: Duration }): LimitRule {
  if (limit > largestLogLimit) {
    throw new Misuse(`concurrency keeps every lease, so its limit may be at most ${largestLogLimit}`);
  }
  return createRule("concurrency", limit, toPositiveMs(options.ttl, "ttl"));
}

/** A rule as the scripts read it: `<algorithm> <limit> <window, or units a token is> <rate>`. */
export function ruleText(rule: LimitRule): string {
  return `${rule.algorithm} ${ruleFigures(rule).join(" ")}`;
}

/** Limit, window (of a bucket: units a token is) and rate (units that come back in a millisecond). */
export function ruleFigures({ limit, windowMs, refill }: LimitRule): [number, number, number] {
  return refill ? [limit, refill.perMs, refill.rate] : [limit, windowMs, 0];
}

/** The rule with the figures the scripts name: the reverse of `ruleFigures`. */
export function ruleOf(algorithm: LimitAlgorithm, [limit, perMs, rate]: readonly [number, number, number]): LimitRule {
  return algorithm === "token-bucket"
    ? { algorithm, limit, windowMs: Math.ceil((limit * perMs) / rate), refill: { rate, perMs } }
    : { algorithm, limit, windowMs: perMs };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function createRule(algorithm: LimitAlgorithm, limit: number, windowMs: number): LimitRule {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > largestLimit) {
    throw new Misuse(`a limit must be a whole number from 1 to ${largestLimit}, got ${limit}`);
  }
  if (windowMs > longestWindowMs) {
    throw new Misuse(`a window may last 366 days at most, got ${windowMs} ms`);
  }
  return { algorithm, limit, windowMs };
}
