import type { LimitRule } from "./rules.ts";

/**
 * Who decided: Redis; this process by its copy of recent denials (`blockCache`); this process alone, because
 * Redis was away (`local`); or nobody, because the limiter is declared `open` or `closed` (`policy`).
 */
export type LimitSource = "redis" | "blockCache" | "local" | "policy";

/** One rule's state after the decision. */
export interface RuleResult {
  readonly limit: number;
  /** Cost that could pass right now, ≥ 0. */
  readonly remaining: number;
  /** Milliseconds until the same call would pass this rule if nothing else is taken; 0 when it does now. */
  readonly retryAfterMs: number;
  /** Epoch milliseconds when the rule will be as if unused, if nothing more is taken. */
  readonly resetAtMs: number;
  /** Milliseconds until `resetAtMs`, free of differences between clocks. */
  readonly resetAfterMs: number;
  /** Length of the rule's window. */
  readonly windowMs: number;
}

/**
 * The answer of a limiter. The figures at the top are those of the tightest rule: of those that deny, the
 * one to wait longest for; else the one with the least remaining.
 */
export interface LimitDecision<Rule extends string = string> {
  readonly allowed: boolean;
  /** The rule to wait longest for. Absent when allowed, and when `policy` decided. */
  readonly limitedBy?: Rule;
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until the same call passes every rule if nothing else is taken; 0 when allowed. */
  readonly retryAfterMs: number;
  readonly resetAtMs: number;
  readonly resetAfterMs: number;
  readonly source: LimitSource;
  /** The rules that were asked. One whose key was `null` is absent, and `blockCache` names the denying one. */
  readonly rules: Readonly<Partial<Record<Rule, RuleResult>>>;
}

/** What Redis or the local limiter found of one rule. */
export interface RuleState<Rule extends string> {
  readonly name: Rule;
  readonly rule: LimitRule;
  readonly remaining: number;
  readonly retryAfterMs: number;
  readonly resetAfterMs: number;
}

/** A decision from what was found of at least one rule, at epoch `nowMs` of whoever found it. */
export function toDecision<Rule extends string>(
  states: readonly RuleState<Rule>[],
  nowMs: number,
  source: LimitSource,
): LimitDecision<Rule> {
  const rules: Partial<Record<Rule, RuleResult>> = {};
  for (const state of states) {
    rules[state.name] = toResult(state, nowMs);
  }
  const tightest = states.reduce((tighter, state) => (isTighter(state, tighter) ? state : tighter));
  const { limit, remaining, retryAfterMs, resetAtMs, resetAfterMs } = toResult(tightest, nowMs);
  const figures = { limit, remaining, retryAfterMs, resetAtMs, resetAfterMs, source, rules };
  return retryAfterMs > 0
    ? { allowed: false, limitedBy: tightest.name, ...figures }
    : { allowed: true, ...figures };
}

function toResult(state: RuleState<string>, nowMs: number): RuleResult {
  const { rule, remaining, retryAfterMs, resetAfterMs } = state;
  const resetAtMs = nowMs + resetAfterMs;
  return { limit: rule.limit, remaining, retryAfterMs, resetAtMs, resetAfterMs, windowMs: rule.windowMs };
}

function isTighter(a: RuleState<string>, b: RuleState<string>): boolean {
  if (a.retryAfterMs !== b.retryAfterMs) {
    return a.retryAfterMs > b.retryAfterMs;
  }
  return a.remaining === b.remaining ? a.resetAfterMs > b.resetAfterMs : a.remaining < b.remaining;
}
