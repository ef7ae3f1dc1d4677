import type { CoreContext } from "../context.ts";
import type { Duration } from "../duration.ts";
import type { LimitKeys } from "./asked-rule.ts";
import type { LimitDecision, TakenLimit } from "./decision.ts";
import type { OwnLimit } from "./limit-controls.ts";
import type { RuleStats } from "./limit-statistics.ts";
import type { ReservedLimit } from "./reserved-limit.ts";
import { RuleLimiter } from "./rule-limiter.ts";
import type { LimitRule, LimitRules } from "./rules.ts";

export interface LimiterOptions {
  /**
   * What a call gets while Redis is away. `open` allows it, `closed` denies it (retry after 1 s), `local`
   * counts it in this process against each limit divided by `instances`. Default `local`.
   */
  readonly onUnavailable?: "open" | "closed" | "local";
  /** How many processes share the limits, for `local`. Default 1. */
  readonly instances?: number;
  /** How many denied identities of each rule this process remembers for up to 1 s. `false`: none. Default 10 000. */
  readonly blockCache?: number | false;
  /**
   * Count decisions by rule and hour, for `stats`: kept for `retention` (default 30 days), with at most
   * `identities` (default 100, 0: none) of those denied most in each hour. Default: not, at no cost.
   */
  readonly statistics?: boolean | { readonly retention?: Duration; readonly identities?: number };
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
  /** In the order of asking, among all processes that wait fairly for the same keys. Default false. */
  readonly fair?: boolean;
}

export interface LimitListOptions {
  /** How many to skip. Default 0. */
  readonly from?: number;
  /** 1 to 1000. Default 100. */
  readonly count?: number;
}

export interface LimitStatsOptions {
  /** Epoch milliseconds or a date; the hour it lies in is the first. Default: 23 hours before `to`. */
  readonly from?: number | Date;
  /** The hour it lies in is the last. Default: now. */
  readonly to?: number | Date;
  /** How many of those denied most. Default 10. */
  readonly top?: number;
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
   * of several waiting comes first is not promised, but with `fair`: then those that wait for the same keys, in
   * whatever process, take in the order of asking (at most 1 000 wait; a further one is denied at once). Each look
   * is two round trips instead of one; who dies holds the others up for 3 s at most; calls of `limit` do not queue.
   * Without Redis nobody keeps the order.
   */
  wait(keys: LimitKeys<R>, options: LimitWaitOptions): Promise<TakenLimit<keyof R & string>>;
  /** What `limit` would answer, debiting nothing. One round trip. */
  peek(keys: LimitKeys<R>, options?: LimitOptions): Promise<LimitDecision<keyof R & string>>;
  /**
   * Gives cost back, newest first, never below an unused rule. Other processes' block caches see it within
   * 1 s. Throws `RedisUnavailable` or `OutcomeUnknown` without Redis; not resent.
   */
  refund(keys: LimitKeys<R>, cost?: number): Promise<void>;
  /**
   * Debits cost for what was done wrong, whether there is room for it or not, but never past a full rule: as
   * though it had been used up. Leases are left alone. One round trip, not resent. Throws without Redis.
   */
  penalize(keys: LimitKeys<R>, cost?: number): Promise<void>;
  /** Denies these identities for a time, whatever their counts; a longer block stands. Throws without Redis. */
  block(keys: LimitKeys<R>, duration: Duration): Promise<void>;
  /** Ends blocks of these identities. Throws without Redis. */
  unblock(keys: LimitKeys<R>): Promise<void>;
  /** Forgets counts and blocks of these identities; limits of their own stay. Throws without Redis. */
  reset(keys: LimitKeys<R>): Promise<void>;
  /**
   * Gives identities a limit of their own in the place of the rule's, for `ttl`: a rule of the same algorithm for
   * each identity named. Every process decides by it at its next call; a denial that it already remembers stands
   * for up to 1 s (`blockCache`), and while Redis is away the declared rule holds. A call that costs more than an
   * own limit allows is denied until that ends. Two keys: on one node one round trip, in parallel; safe to repeat.
   *
   * @example await api.setLimit({ user: "42" }, { user: slidingWindow(1_000, "1m") }, { ttl: "30d" });
   * @throws {Misuse} for another algorithm, or a rule without an identity.
   */
  setLimit(
    keys: Partial<LimitKeys<R>>,
    rules: { readonly [Rule in keyof R]?: LimitRule },
    options: { readonly ttl: Duration },
  ): Promise<void>;
  /** Ends limits of their own. Rules that are left out, or `null`, are left alone. Throws without Redis. */
  clearLimit(keys: Partial<LimitKeys<R>>): Promise<void>;
  /**
   * Identities with limits of their own, the one that ends first first; of more than 10 000 those that last longest.
   * Two round trips. Throws without Redis.
   */
  listLimits(options?: LimitListOptions): Promise<OwnLimit<keyof R & string>[]>;
  /**
   * Calls that each rule allowed and denied, by hour (UTC), and the identities it denied most. A call that several
   * rules denied counts for each of them; one denied by others only counts for none. Who makes up more than 1 /
   * `identities` of an hour's denials is always among its top, with no less than his own; denials that the block
   * cache gave are told once a second. Round trip: one a rule, in parallel.
   *
   * @throws {Misuse} without the option `statistics`, and for more than 31 days.
   */
  stats(options?: LimitStatsOptions): Promise<Readonly<Record<keyof R & string, RuleStats>>>;
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
