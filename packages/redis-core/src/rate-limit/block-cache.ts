import type { Clock } from "../clock.ts";
import type { RulePlan } from "./asked-rule.ts";
import { type RuleResult, type TakenLimit, toDecision } from "./decision.ts";

/** A refund, a reset or a greater limit given by another process is seen at the latest after this long. */
const longestMs = 1_000;

interface Denial {
  readonly cost: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly result: RuleResult;
}

/**
 * Denials this process was given lately, so that a flood of denied calls costs Redis nothing. It only
 * denies, and only what Redis would deny: the same rule and identity, no smaller a cost, before the moment
 * Redis named. Bounded for each rule; forgets the oldest.
 */
export class BlockCache<Rule extends string> {
  readonly #plans: readonly RulePlan<Rule>[];
  readonly #max: number;
  readonly #clock: Clock;
  readonly #denials = new Map<Rule, Map<string, Denial>>();
  #isEmpty = true;

  constructor(plans: readonly RulePlan<Rule>[], max: number, clock: Clock) {
    this.#plans = plans;
    this.#max = max;
    this.#clock = clock;
    for (const { name } of plans) {
      this.#denials.set(name, new Map());
    }
  }

  find(keys: Readonly<Record<Rule, string | null>>, cost: number): TakenLimit<Rule> | null {
    if (this.#isEmpty) {
      return null;
    }
    const nowMs = this.#clock.nowMs();
    for (const { name } of this.#plans) {
      const denial = this.#denials.get(name)?.get(keys[name] ?? "");
      // A local clock that went back makes an entry of the future, which is no longer believed.
      if (denial && denial.cost <= cost && nowMs >= denial.sinceMs && nowMs < denial.untilMs) {
        const passedMs = Math.ceil(nowMs - denial.sinceMs);
        const { limit, remaining, retryAfterMs, resetAtMs, resetAfterMs, windowMs } = denial.result;
        const result = {
          limit,
          remaining,
          retryAfterMs: Math.max(1, retryAfterMs - passedMs),
          resetAtMs,
          resetAfterMs: Math.max(1, resetAfterMs - passedMs),
          windowMs,
        };
        return toDecision([name], [result], "blockCache");
      }
    }
    return null;
  }

  /** Remembers what Redis denied in answer to a call sent at local time `sentAtMs`. */
  remember(plan: RulePlan<Rule>, identity: string, result: RuleResult, cost: number, sentAtMs: number): void {
    const denials = this.#denials.get(plan.name);
    // A lease may be released at any moment.
    if (!denials || plan.rule.algorithm === "concurrency") {
      return;
    }
    // Counted from before sending, the copy ends before the moment Redis named, never after.
    const untilMs = sentAtMs + Math.min(result.retryAfterMs, longestMs);
    denials.delete(identity);
    denials.set(identity, { cost, sinceMs: sentAtMs, untilMs, result });
    if (denials.size > this.#max) {
      const [oldest = ""] = denials.keys();
      denials.delete(oldest);
    }
    this.#isEmpty = false;
  }

  forget(name: Rule, identity: string): void {
    this.#denials.get(name)?.delete(identity);
  }
}
