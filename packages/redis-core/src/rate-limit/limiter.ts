import type { CoreContext } from "../context.ts";
import { type Duration, toPositiveMs } from "../duration.ts";
import { isOutage, Misuse } from "../errors.ts";
import { type AskedRule, askedRules, type LimitKeys } from "./asked-rule.ts";
import { BlockCache } from "./block-cache.ts";
import { type LimitDecision, type RuleResult, toDecision } from "./decision.ts";
import { LocalLimits } from "./local-limits.ts";
import { OutageGate } from "../outage-gate.ts";
import { RedisLimits } from "./redis-limits.ts";
import type { LimitRules } from "./rules.ts";

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

/**
 * Several named rules decided together. A call passes when every rule lets it pass, and then all are
 * debited; else none is. What each algorithm bounds is said at `slidingWindow`, `fixedWindow`,
 * `slidingWindowLog` and `tokenBucket`; the bounds hold under any number of processes.
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
  limit(keys: LimitKeys<R>, options?: LimitOptions): Promise<LimitDecision<keyof R & string>>;
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

/** What a limiter that is closed by policy names as the time to wait. */
const closedRetryMs = 1_000;

/** See `Limiter`. */
export function createLimiter<const R extends LimitRules>(
  context: CoreContext,
  name: string,
  rules: R,
  options: LimiterOptions = {},
): Limiter<R> {
  return new RuleLimiter(context, name, rules, options);
}

class RuleLimiter<R extends LimitRules> implements Limiter<R> {
  readonly #context: CoreContext;
  readonly #name: string;
  readonly #rules: R;
  readonly #onUnavailable: "open" | "closed" | "local";
  readonly #redis: RedisLimits;
  readonly #local: LocalLimits;
  readonly #denials: BlockCache | null;
  readonly #gate: OutageGate;

  constructor(context: CoreContext, name: string, rules: R, options: LimiterOptions) {
    const { onUnavailable = "local", instances = 1, blockCache = 10_000, deadlineMs } = options;
    assertNames(name, rules);
    if (!Number.isInteger(instances) || instances < 1) {
      throw new Misuse(`instances must be a whole number of at least 1, got ${instances}`);
    }
    this.#context = context;
    this.#name = name;
    this.#rules = rules;
    this.#onUnavailable = onUnavailable;
    this.#redis = new RedisLimits(context, deadlineMs);
    this.#local = new LocalLimits(instances, context.clock);
    this.#denials = blockCache === false ? null : new BlockCache(blockCache, context.clock);
    this.#gate = new OutageGate(context.clock, {
      closesAfter: 3,
      firstPauseMs: 1_000,
      longestPauseMs: 1_000,
    });
  }

  async limit(keys: LimitKeys<R>, options: LimitOptions = {}): Promise<LimitDecision<keyof R & string>> {
    const { cost = 1, signal } = options;
    const asked = this.#ask(keys, cost);
    const decision =
      this.#denials?.find(asked, cost) ?? (await this.#decide(asked, { mode: "take", cost, signal }));
    this.#context.telemetry.count("ratelimit_decisions_total", {
      policy: this.#name,
      decision: decision.allowed ? "allowed" : "denied",
      source: decision.source,
    });
    return decision;
  }

  async peek(keys: LimitKeys<R>, options: LimitOptions = {}): Promise<LimitDecision<keyof R & string>> {
    const { cost = 1, signal } = options;
    return await this.#decide(this.#ask(keys, cost), { mode: "peek", cost, signal });
  }

  async refund(keys: LimitKeys<R>, cost = 1): Promise<void> {
    const asked = this.#ask(keys, cost);
    this.#local.refund(asked, cost);
    await this.#redis.refund(asked, cost);
    this.#denials?.forget(asked);
  }

  async block(keys: LimitKeys<R>, duration: Duration): Promise<void> {
    await this.#redis.block(this.#ask(keys, 0), toPositiveMs(duration, "duration"));
  }

  async reset(keys: LimitKeys<R>): Promise<void> {
    const asked = this.#ask(keys, 0);
    this.#local.forget(asked);
    await this.#redis.reset(asked);
    this.#denials?.forget(asked);
  }

  async #decide<Rule extends string>(
    asked: readonly AskedRule<Rule>[],
    { mode, cost, signal }: { mode: "take" | "peek"; cost: number; signal: AbortSignal | undefined },
  ): Promise<LimitDecision<Rule>> {
    if (!this.#gate.enter()) {
      return this.#decideWithoutRedis(asked, mode, cost);
    }
    const sentAtMs = this.#context.clock.nowMs();
    try {
      const { nowMs, states } = await this.#redis[mode](asked, cost, signal);
      this.#gate.succeeded();
      this.#denials?.remember(asked, states, cost, sentAtMs, nowMs);
      return toDecision(states, nowMs, "redis");
    } catch (error) {
      if (!isOutage(error)) {
        throw error;
      }
      this.#gate.failed();
      return this.#decideWithoutRedis(asked, mode, cost);
    }
  }

  #decideWithoutRedis<Rule extends string>(
    asked: readonly AskedRule<Rule>[],
    mode: "take" | "peek",
    cost: number,
  ): LimitDecision<Rule> {
    const nowMs = this.#context.clock.nowMs();
    if (this.#onUnavailable === "local") {
      return toDecision(this.#local.decide(asked, mode, cost), nowMs, "local");
    }
    const allowed = this.#onUnavailable === "open";
    const states = asked.map(({ name, rule }) => ({
      name,
      rule,
      remaining: allowed ? rule.limit : 0,
      retryAfterMs: allowed ? 0 : closedRetryMs,
      resetAfterMs: allowed ? 0 : closedRetryMs,
    }));
    // Nobody counted, so no rule is to blame and none has figures of its own.
    const { limitedBy: _, ...decision } = toDecision(states, nowMs, "policy");
    const rules: Partial<Record<Rule, RuleResult>> = {};
    return { ...decision, rules };
  }

  #ask(keys: LimitKeys<R>, cost: number): AskedRule<keyof R & string>[] {
    if (!Number.isSafeInteger(cost) || cost < 0) {
      throw new Misuse(`cost must be a whole number of at least 0, got ${cost}`);
    }
    const asked = askedRules(this.#context.keys, this.#name, this.#rules, keys);
    const tooSmall = asked.find(({ rule }) => rule.limit < cost);
    if (tooSmall) {
      const { name, rule } = tooSmall;
      throw new Misuse(`a cost of ${cost} can never pass rule "${name}" with its limit of ${rule.limit}`);
    }
    return asked;
  }
}

/** Rules' names go into response headers as they are. */
function assertNames(limiter: string, rules: LimitRules): void {
  const names = Object.keys(rules);
  if (names.length === 0) {
    throw new Misuse(`limiter "${limiter}" needs a rule`);
  }
  for (const name of names) {
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) {
      throw new Misuse(`a rule's name must be 1 to 64 letters, digits, "_", "." or "-", got "${name}"`);
    }
  }
}
