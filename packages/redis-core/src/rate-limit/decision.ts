/**
 * Who decided: Redis; this process by its copy of recent denials (`blockCache`); this process alone, because
 * Redis was away (`local`); or nobody, because the limiter is declared `open` or `closed` (`policy`).
 */
export type LimitSource = "redis" | "blockCache" | "local" | "policy";

/** One rule's state after the decision. */
export interface RuleResult {
  /** The rule's limit, or the identity's own where it was given one (`setLimit`). */
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

/** A decision whose `concurrency` leases this call holds. */
export interface TakenLimit<Rule extends string = string> extends LimitDecision<Rule> {
  /**
   * Gives the leases of `concurrency` rules back; what other rules counted stays. One round trip, none where
   * there is no lease; safe to repeat. Throws `RedisUnavailable` or `OutcomeUnknown` without Redis: the lease
   * then ends by itself.
   */
  release(): Promise<void>;
  /** Releases. A Redis that is away is no error here. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A decision, without leases, from what was found of at least one rule: `results` in the order of `names`. */
export function toDecision<Rule extends string>(
  names: readonly Rule[],
  results: readonly RuleResult[],
  source: LimitSource,
): TakenLimit<Rule> {
  const rules: Partial<Record<Rule, RuleResult>> = {};
  let tightest = results[0];
  let limitedBy = names[0];
  for (const [index, result] of results.entries()) {
    const name = names[index];
    if (name === undefined || tightest === undefined) {
      continue;
    }
    rules[name] = result;
    if (isTighter(result, tightest)) {
      tightest = result;
      limitedBy = name;
    }
  }
  const { limit = 0, remaining = 0, retryAfterMs = 0, resetAtMs = 0, resetAfterMs = 0 } = tightest ?? {};
  if (retryAfterMs === 0 || limitedBy === undefined) {
    return {
      allowed: true,
      limit,
      remaining,
      retryAfterMs,
      resetAtMs,
      resetAfterMs,
      source,
      rules,
      release: doNothing,
      [Symbol.asyncDispose]: doNothing,
    };
  }
  return {
    allowed: false,
    limitedBy,
    limit,
    remaining,
    retryAfterMs,
    resetAtMs,
    resetAfterMs,
    source,
    rules,
    release: doNothing,
    [Symbol.asyncDispose]: doNothing,
  };
}

function isTighter(a: RuleResult, b: RuleResult): boolean {
  if (a.retryAfterMs !== b.retryAfterMs) {
    return a.retryAfterMs > b.retryAfterMs;
  }
  return a.remaining === b.remaining ? a.resetAfterMs > b.resetAfterMs : a.remaining < b.remaining;
}

async function doNothing(): Promise<void> {}
