import type { CoreContext } from "../context.ts";
import type { Duration } from "../duration.ts";
import type { LimitKeys } from "./asked-rule.ts";
import type { LimitDecision } from "./decision.ts";
import { RuleLimiter } from "./rule-limiter.ts";
import type { LimitRules } from "./rules.ts";
import type { ReservedLimit, TakenLimit } from "./taken-limit.ts";

export interface LimiterOptions {
  /**
   * What a call gets while Redis is away. `open` allows it, `closed` denies it (retry after 1 s), `local`
   * counts it in this process against each limit divided by `instances`. Default `local`.
   */
  readonly onUnavailable?: "open" | "closed" | "local";
  /** How many processes share the limits, for `local`. Default 1. */
  readonly instances?: number;
  /** How many denied identities this process remembers for up to 1 s. `false`: none. Default 10 000. */
  readonly blockCache?: number | false;
  /** Milliseconds to wait for Redis. Default: the port's. */
  readonly deadlineMs?: number;
}

export interface LimitOptions {
  /** How much the call takes of every rule: a whole number from 0 to the smallest limit. Default 1. */
  readonly cost?: number;
  readonly signal?: AbortSignal;
}

export interface LimitWaitOptions extends LimitOptions {
  /** For how long at most. 0 asks once. */
  readonly timeout: Duration;
}

/**
 * Several named rules decided together. A call passes when every rule lets it pass, and then all are
 * debited; else none is. What each algorithm bounds is said at `slidingWindow`, `fixedWindow`,
 * `slidingWindowLog`, `tokenBucket` and `concurrency`; the bounds hold under any number of processes.
 *
 * Being limited is a value. Methods throw `Misuse` for a cost that is not a whole number ≥ 0 or that no
 * full rule could pass, and for a rule without a key.
 *
 * @example
 * const api = core.limiter("api", { user: slidingWindow(100, "1m"), address: tokenBucket({ rate: 20, per: "1s" }) });
 * const decision = await api.limit({ user: "42", address: "203.0.113.9" });
 * if (!decision.allowed) return tooManyRequests(rateLimitHeaders(decision));
 */
export interface Limiter<R extends LimitRules = LimitRules> {
  /**
   * Decides and debits. One round trip; none when this process was just denied the same (`blockCache`).
   * On a Cluster, identities in different slots take one parallel trip each, and a second one to give back
   * what a denied call had debited: never too many pass, too few may for that moment. Without Redis, as
   * `onUnavailable` says; `source` tells. A reply that was lost may have debited: the call is not resent.
   */
  limit(keys: LimitKeys<R>, options?: LimitOptions): Promise<TakenLimit<keyof R & string>>;
  /**
   * As `limit`, for work whose cost shows only when it is done: takes `cost` as an estimate, and `settle`
   * puts the actual one in its place.
   *
   * @example
   * const budget = await tokens.reserve({ user: "42" }, { cost: 2_000 });
   * if (budget.allowed) await budget.settle((await complete(prompt)).tokensUsed);
   */
  reserve(keys: LimitKeys<R>, options?: LimitOptions): Promise<ReservedLimit<keyof R & string>>;
  /**
   * Asks until the call passes: sleeps for exactly `retryAfterMs` and asks again, or for at most 100 ms where
   * only a `concurrency` rule is in the way, as a lease may be released at any moment. Answers with the denial
   * as soon as it is certain that no attempt within `timeout` can pass. Rejects with the signal's reason. Who
   * of several waiting comes first is not promised.
   */
  wait(keys: LimitKeys<R>, options: LimitWaitOptions): Promise<TakenLimit<keyof R & string>>;
  /** What `limit` would answer, debiting nothing. One round trip. */
  peek(keys: LimitKeys<R>, options?: LimitOptions): Promise<LimitDecision<keyof R & string>>;
  /**
   * Gives cost back, newest first, never below an unused rule. Other processes' block caches see it within
   * 1 s. Throws `RedisUnavailable` or `OutcomeUnknown` without Redis; not resent.
   */
  refund(keys: LimitKeys<R>, cost?: number): Promise<void>;
  /** Denies these identities for a time, whatever their counts. Throws without Redis. */
  block(keys: LimitKeys<R>, duration: Duration): Promise<void>;
  /** Forgets counts and blocks of these identities. Throws without Redis. */
  reset(keys: LimitKeys<R>): Promise<void>;
}

/** See `Limiter`. */
export function createLimiter<const R extends LimitRules>(
  context: CoreContext,
  name: string,
  rules: R,
  options: LimiterOptions = {},
): Limiter<R> {
  return new RuleLimiter(context, name, rules, options);
}
