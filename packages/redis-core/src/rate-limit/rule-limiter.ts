import type { CoreContext } from "../context.ts";
import { type Duration, toMs, toPositiveMs } from "../duration.ts";
import { isOutage, Misuse } from "../errors.ts";
import { OutageGate } from "../outage-gate.ts";
import {
  type AskedRule,
  askedRule,
  askedRules,
  assertCost,
  type LimitKeys,
  planRules,
  type RulePlan,
} from "./asked-rule.ts";
import { BlockCache } from "./block-cache.ts";
import { DecisionCounts } from "./decision-counts.ts";
import { type LimitDecision, type TakenLimit, toDecision } from "./decision.ts";
import { assertAlike, LimitControls, type OwnLimit } from "./limit-controls.ts";
import { LimitStatistics, type RuleStats } from "./limit-statistics.ts";
import { assertWhole, type LimiterSettings, toRange, toSettings } from "./limiter-settings.ts";
import type {
  Limiter,
  LimiterOptions,
  LimitListOptions,
  LimitOptions,
  LimitStatsOptions,
  LimitWaitOptions,
} from "./limiter.ts";
import { LocalLimits } from "./local-limits.ts";
import { policyDecision } from "./policy-decision.ts";
import { type LimitCall, RedisLimits } from "./redis-limits.ts";
import { nameReservation } from "./reservation-name.ts";
import { type ReservedLimit, withRelease, withSettle } from "./reserved-limit.ts";
import type { LimitRule, LimitRules } from "./rules.ts";
import { waitForLimit, waitInTurn } from "./wait-for-limit.ts";
import { QueuedWaiter } from "./waiting-queue.ts";

const noOptions: LimitOptions = {};

/** Asks this process's recent denials, then Redis, then what `onUnavailable` says. */
export class RuleLimiter<R extends LimitRules> implements Limiter<R> {
  readonly #context: CoreContext;
  readonly #name: string;
  readonly #rules: R;
  readonly #settings: LimiterSettings;
  readonly #plans: readonly RulePlan<keyof R & string>[];
  readonly #hasLeases: boolean;
  readonly #statistics: LimitStatistics<keyof R & string> | null;
  readonly #countsInRedis: boolean;
  readonly #redis: RedisLimits;
  readonly #controls: LimitControls<keyof R & string>;
  readonly #local: LocalLimits;
  readonly #denials: BlockCache<keyof R & string> | null;
  readonly #counts: DecisionCounts;
  readonly #gate: OutageGate;

  constructor(context: CoreContext, name: string, rules: R, options: LimiterOptions) {
    const settings = toSettings(name, rules, options);
    const { statistics, deadlineMs, blockCache, instances } = settings;
    const plans = planRules(context.keys, name, rules);
    this.#context = context;
    this.#name = name;
    this.#rules = rules;
    this.#settings = settings;
    this.#plans = plans;
    this.#hasLeases = plans.some(({ rule }) => rule.algorithm === "concurrency");
    this.#statistics = statistics && new LimitStatistics(context, name, plans, { ...statistics, deadlineMs });
    this.#countsInRedis = context.state.capabilities.topology === "single";
    this.#redis = new RedisLimits(context, deadlineMs, this.#statistics);
    this.#controls = new LimitControls(context, name, plans, deadlineMs);
    this.#local = new LocalLimits(instances, context.clock);
    this.#denials = blockCache === false ? null : new BlockCache(plans, blockCache, context.clock);
    this.#counts = new DecisionCounts(context.telemetry, name);
    this.#gate = new OutageGate(context.clock, {
      closesAfter: 3,
      firstPauseMs: 1_000,
      longestPauseMs: 1_000,
    });
  }

  async limit(keys: LimitKeys<R>, options = noOptions): Promise<TakenLimit<keyof R & string>> {
    const { cost = 1, signal } = options;
    assertCost(cost);
    const denied = this.#findDenial(keys, cost);
    if (denied) {
      return denied;
    }
    const asked = askedRules(this.#plans, this.#name, keys);
    const call = { cost, reservation: nameReservation(asked), signal };
    const decision = await this.#decide("take", asked, call);
    return this.#hasLeases ? this.#withLeases(decision, asked, call) : decision;
  }

  async reserve(keys: LimitKeys<R>, options = noOptions): Promise<ReservedLimit<keyof R & string>> {
    const { cost = 1, signal } = options;
    assertCost(cost);
    const denied = this.#findDenial(keys, cost);
    if (denied) {
      return withSettle(denied, async () => {});
    }
    const asked = askedRules(this.#plans, this.#name, keys);
    const call = { cost, reservation: nameReservation(asked), signal };
    const decision = this.#withLeases(await this.#decide("take", asked, call), asked, call);
    const takenAtMs = decision.resetAtMs - decision.resetAfterMs;
    return withSettle(decision, async (actualCost) => {
      if (decision.source === "redis") {
        await this.#redis.settle(asked, { cost, reservation: call.reservation }, actualCost, takenAtMs);
        this.#forgetDenials(asked);
      } else {
        const counted = asked.filter(({ plan }) => plan.rule.algorithm !== "concurrency");
        this.#local.refund(counted, cost - actualCost);
        await decision.release();
      }
    });
  }

  async wait(keys: LimitKeys<R>, options: LimitWaitOptions): Promise<TakenLimit<keyof R & string>> {
    const { timeout, fair = false, cost = 1, ...call } = options;
    assertCost(cost);
    const take = () => this.limit(keys, { cost, ...call });
    const waiting = { rules: this.#rules, timeoutMs: toMs(timeout, "timeout"), signal: options.signal, take };
    if (!fair) {
      return await waitForLimit(waiting);
    }
    const asked = askedRules(this.#plans, this.#name, keys);
    const { deadlineMs } = this.#settings;
    const waiter = new QueuedWaiter(this.#context, this.#name, asked, { cost, deadlineMs });
    const most = Math.min(...asked.map(({ plan }) => plan.rule.limit));
    const peek = (costBefore: number) =>
      this.peek(keys, { ...call, cost: Math.max(cost, Math.min(costBefore + cost, most)) });
    return await waitInTurn(waiter, { ...waiting, peek });
  }

  async peek(keys: LimitKeys<R>, options = noOptions): Promise<LimitDecision<keyof R & string>> {
    const { cost = 1, signal } = options;
    assertCost(cost);
    const asked = askedRules(this.#plans, this.#name, keys);
    const { release: _, [Symbol.asyncDispose]: _dispose, ...decision } = await this.#decide("peek", asked, {
      cost,
      reservation: "",
      signal,
    });
    return decision;
  }

  async refund(keys: LimitKeys<R>, cost = 1): Promise<void> {
    assertCost(cost);
    const asked = askedRules(this.#plans, this.#name, keys);
    this.#local.refund(asked, cost);
    await this.#redis.refund(asked, cost);
    this.#forgetDenials(asked);
  }

  async penalize(keys: LimitKeys<R>, cost = 1): Promise<void> {
    assertCost(cost);
    const asked = askedRules(this.#plans, this.#name, keys);
    // A penalty is a call that cost more than the nothing it was let pass for.
    await this.#redis.settle(asked, { cost: 0, reservation: nameReservation(asked) }, cost, null);
  }

  async block(keys: LimitKeys<R>, duration: Duration): Promise<void> {
    const asked = askedRules(this.#plans, this.#name, keys);
    await this.#controls.block(asked, toPositiveMs(duration, "duration"));
  }

  async unblock(keys: LimitKeys<R>): Promise<void> {
    const asked = askedRules(this.#plans, this.#name, keys);
    await this.#controls.unblock(asked);
    this.#forgetDenials(asked);
  }

  async reset(keys: LimitKeys<R>): Promise<void> {
    const asked = askedRules(this.#plans, this.#name, keys);
    this.#local.forget(asked);
    await this.#controls.reset(asked);
    this.#forgetDenials(asked);
  }

  async setLimit(
    keys: Partial<LimitKeys<R>>,
    rules: { readonly [Rule in keyof R]?: LimitRule },
    options: { readonly ttl: Duration },
  ): Promise<void> {
    const own = this.#plans.flatMap((plan) => {
      const [identity, rule] = [keys[plan.name], rules[plan.name]];
      if (!rule !== (identity === undefined || identity === null)) {
        throw new Misuse(`rule "${plan.name}" was given ${rule ? "no identity" : "no limit"} to set`);
      }
      if (!rule || typeof identity !== "string") {
        return [];
      }
      assertAlike(plan, rule);
      return [{ asked: askedRule(plan, identity), rule }];
    });
    if (own.length === 0) {
      throw new Misuse(`limiter "${this.#name}" was given no limit to set`);
    }
    await this.#controls.override(own, toPositiveMs(options.ttl, "ttl"));
    this.#forgetDenials(own.map(({ asked }) => asked));
  }

  async clearLimit(keys: Partial<LimitKeys<R>>): Promise<void> {
    const asked = this.#plans.flatMap((plan) => {
      const identity = keys[plan.name];
      return typeof identity === "string" ? [askedRule(plan, identity)] : [];
    });
    if (asked.length > 0) {
      await this.#controls.clear(asked);
      this.#forgetDenials(asked);
    }
  }

  async listLimits({ from = 0, count = 100 }: LimitListOptions = {}): Promise<OwnLimit<keyof R & string>[]> {
    assertWhole(from, "from", 0, Number.MAX_SAFE_INTEGER);
    assertWhole(count, "count", 1, 1_000);
    return await this.#controls.list(from, count);
  }

  async stats(options: LimitStatsOptions = {}): Promise<Readonly<Record<keyof R & string, RuleStats>>> {
    if (!this.#statistics) {
      throw new Misuse(`limiter "${this.#name}" keeps no statistics; it needs the option for them`);
    }
    const { fromMs, toMs: untilMs, top } = toRange(options, this.#context.clock.nowMs());
    return await this.#statistics.read(fromMs, untilMs, top);
  }

  async #decide<Rule extends keyof R & string>(
    mode: "take" | "peek",
    asked: readonly AskedRule<Rule>[],
    call: LimitCall,
  ): Promise<TakenLimit<Rule>> {
    const decision = await this.#ask(mode, asked, call);
    if (mode === "take") {
      this.#counts.add(decision);
      if (this.#statistics && !(this.#countsInRedis && decision.source === "redis")) {
        this.#count(decision, asked);
      }
    }
    return decision;
  }

  async #ask<Rule extends keyof R & string>(
    mode: "take" | "peek",
    asked: readonly AskedRule<Rule>[],
    call: LimitCall,
  ): Promise<TakenLimit<Rule>> {
    const names = asked.map(({ plan }) => plan.name);
    if (this.#gate.enter()) {
      const sentAtMs = this.#context.clock.nowMs();
      try {
        const { nowMs, results } = await this.#redis[mode](asked, call);
        this.#gate.succeeded();
        this.#statistics?.learnTime(nowMs);
        const decision = toDecision(names, results, "redis");
        if (!decision.allowed) {
          this.#rememberDenials(asked, decision, call.cost, sentAtMs);
        }
        return decision;
      } catch (error) {
        if (!isOutage(error)) {
          throw error;
        }
        this.#gate.failed();
      }
    }
    const { onUnavailable } = this.#settings;
    return onUnavailable === "local"
      ? toDecision(names, this.#local.decide(asked, mode, call.cost), "local")
      : policyDecision(asked, onUnavailable === "open", this.#context.clock.nowMs());
  }

  #withLeases<Rule extends string>(
    decision: TakenLimit<Rule>,
    asked: readonly AskedRule<Rule>[],
    { cost, reservation }: LimitCall,
  ): TakenLimit<Rule> {
    const leases = asked.filter(({ plan }) => plan.rule.algorithm === "concurrency");
    if (!decision.allowed || leases.length === 0) {
      return decision;
    }
    return withRelease(this.#context, decision, async () => {
      if (decision.source === "redis") {
        await this.#redis.release(leases, { cost, reservation });
      } else {
        this.#local.refund(leases, cost);
      }
    });
  }

  #findDenial(keys: LimitKeys<R>, cost: number): TakenLimit<keyof R & string> | null {
    const denied = this.#denials?.find(keys, cost) ?? null;
    if (denied) {
      this.#counts.add(denied);
      const name = denied.limitedBy;
      if (this.#statistics && name !== undefined) {
        this.#statistics.add(name, keys[name] ?? "", false);
      }
    }
    return denied;
  }

  #count<Rule extends keyof R & string>({ allowed, rules }: TakenLimit<Rule>, asked: readonly AskedRule<Rule>[]): void {
    for (const { plan, identity } of asked) {
      const denied = (rules[plan.name]?.retryAfterMs ?? 0) > 0;
      if (allowed || denied) {
        this.#statistics?.add(plan.name, identity, allowed);
      }
    }
  }

  #rememberDenials<Rule extends keyof R & string>(
    asked: readonly AskedRule<Rule>[],
    { rules }: TakenLimit<Rule>,
    cost: number,
    sentAtMs: number,
  ): void {
    for (const { plan, identity } of asked) {
      const result = rules[plan.name];
      if (result && result.retryAfterMs > 0) {
        this.#denials?.remember(plan, identity, result, cost, sentAtMs);
      }
    }
  }

  #forgetDenials(asked: readonly AskedRule<keyof R & string>[]): void {
    for (const { plan, identity } of asked) {
      this.#denials?.forget(plan.name, identity);
    }
  }
}
