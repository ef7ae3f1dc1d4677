import type { CoreContext } from "../context.ts";
import { type Duration, toMs, toPositiveMs } from "../duration.ts";
import { isOutage, Misuse } from "../errors.ts";
import { OutageGate } from "../outage-gate.ts";
import { type AskedRule, askedRules, assertCost, type LimitKeys } from "./asked-rule.ts";
import { BlockCache } from "./block-cache.ts";
import { type LimitDecision, type RuleResult, toDecision } from "./decision.ts";
import type { Limiter, LimiterOptions, LimitOptions, LimitWaitOptions } from "./limiter.ts";
import { LocalLimits } from "./local-limits.ts";
import { pause, pauseBeforeNext } from "./pause.ts";
import { nameReservation, RedisLimits, type Taken } from "./redis-limits.ts";
import type { LimitRules } from "./rules.ts";
import { type ReservedLimit, type TakenLimit, withRelease, withSettle } from "./taken-limit.ts";

/** What a limiter that is closed by policy names as the time to wait. */
const closedRetryMs = 1_000;

/** A decision with what is needed to undo it; `giveBack` is `null` when it took no lease. */
interface Take<Rule extends string> {
  readonly decision: LimitDecision<Rule>;
  readonly asked: readonly AskedRule<Rule>[];
  readonly taken: Taken;
  readonly giveBack: (() => Promise<void>) | null;
}

/** Asks this process's recent denials, then Redis, then what `onUnavailable` says. */
export class RuleLimiter<R extends LimitRules> implements Limiter<R> {
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

  async limit(keys: LimitKeys<R>, options: LimitOptions = {}): Promise<TakenLimit<keyof R & string>> {
    const { decision, giveBack } = await this.#take(keys, options);
    return withRelease(this.#context, decision, giveBack);
  }

  async reserve(keys: LimitKeys<R>, options: LimitOptions = {}): Promise<ReservedLimit<keyof R & string>> {
    const { decision, giveBack, asked, taken } = await this.#take(keys, options);
    const limit = withRelease(this.#context, decision, giveBack);
    return withSettle(limit, async (actualCost) => {
      if (decision.source === "redis") {
        await this.#redis.settle(asked, taken, actualCost);
        this.#denials?.forget(asked);
      } else {
        const counted = asked.filter(({ rule }) => rule.algorithm !== "concurrency");
        this.#local.refund(counted, taken.cost - actualCost);
        await limit.release();
      }
    });
  }

  async wait(keys: LimitKeys<R>, options: LimitWaitOptions): Promise<TakenLimit<keyof R & string>> {
    const { timeout, ...call } = options;
    const endsAt = performance.now() + toMs(timeout, "timeout");
    for (;;) {
      const decision = await this.limit(keys, call);
      const leftMs = endsAt - performance.now();
      const pauseMs = pauseBeforeNext(this.#rules, decision, leftMs);
      if (decision.allowed || leftMs <= 0 || pauseMs > leftMs) {
        return decision;
      }
      await pause(pauseMs, options.signal);
    }
  }

  async peek(keys: LimitKeys<R>, options: LimitOptions = {}): Promise<LimitDecision<keyof R & string>> {
    const { cost = 1, signal } = options;
    return await this.#decide(this.#ask(keys, cost), { mode: "peek", cost, reservation: "", signal });
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

  async #take(keys: LimitKeys<R>, options: LimitOptions): Promise<Take<keyof R & string>> {
    const { cost = 1, signal } = options;
    const asked = this.#ask(keys, cost);
    const reservation = nameReservation(asked);
    const decision =
      this.#denials?.find(asked, cost) ??
      (await this.#decide(asked, { mode: "take", cost, reservation, signal }));
    this.#context.telemetry.count("ratelimit_decisions_total", {
      policy: this.#name,
      decision: decision.allowed ? "allowed" : "denied",
      source: decision.source,
    });
    const taken = { cost, reservation, atMs: decision.resetAtMs - decision.resetAfterMs };
    const leases = asked.filter(({ rule }) => rule.algorithm === "concurrency");
    if (!decision.allowed || leases.length === 0) {
      return { decision, asked, taken, giveBack: null };
    }
    const giveBack = async () => {
      if (decision.source === "redis") {
        await this.#redis.release(leases, taken);
      } else {
        this.#local.refund(leases, cost);
      }
    };
    return { decision, asked, taken, giveBack };
  }

  async #decide<Rule extends string>(
    asked: readonly AskedRule<Rule>[],
    call: Omit<Taken, "atMs"> & { readonly mode: "take" | "peek"; readonly signal: AbortSignal | undefined },
  ): Promise<LimitDecision<Rule>> {
    const { mode, cost } = call;
    if (!this.#gate.enter()) {
      return this.#decideWithoutRedis(asked, mode, cost);
    }
    const sentAtMs = this.#context.clock.nowMs();
    try {
      const { nowMs, states } = await this.#redis[mode](asked, call);
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
    assertCost(cost);
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
