import type { AskedRule } from "./asked-rule.ts";
import { type RuleResult, type TakenLimit, toDecision } from "./decision.ts";

/** What a limiter that is closed by policy names as the time to wait. */
const closedRetryMs = 1_000;

/** The answer of a limiter that counts nothing while Redis is away: no rule is to blame and none has figures. */
export function policyDecision<Rule extends string>(
  asked: readonly AskedRule<Rule>[],
  allowed: boolean,
  nowMs: number,
): TakenLimit<Rule> {
  const waitMs = allowed ? 0 : closedRetryMs;
  const results = asked.map(({ plan: { rule } }) => ({
    limit: rule.limit,
    remaining: allowed ? rule.limit : 0,
    retryAfterMs: waitMs,
    resetAtMs: nowMs + waitMs,
    resetAfterMs: waitMs,
    windowMs: rule.windowMs,
  }));
  const names = asked.map(({ plan }) => plan.name);
  const { limitedBy: _, ...decision } = toDecision(names, results, "policy");
  const rules: Partial<Record<Rule, RuleResult>> = {};
  return { ...decision, rules };
}
