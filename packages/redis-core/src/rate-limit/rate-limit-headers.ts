import type { LimitDecision } from "./decision.ts";

/**
 * Response headers of a decision, allowed or not: `X-RateLimit-Limit`, `-Remaining` and `-Reset` (Unix
 * seconds) of the tightest rule, `RateLimit` and `RateLimit-Policy` of all rules
 * (draft-ietf-httpapi-ratelimit-headers), and on a denial `Retry-After` in seconds, rounded up so that a
 * client which obeys passes. Empty for a decision nobody counted (`source: "policy"`), but for
 * `Retry-After` when it denied.
 */
export function rateLimitHeaders(decision: LimitDecision): Record<string, string> {
  const headers: Record<string, string> = {};
  if (!decision.allowed) {
    headers["Retry-After"] = String(Math.max(1, seconds(decision.retryAfterMs)));
  }
  const rules = Object.entries(decision.rules).filter(([, rule]) => rule !== undefined);
  if (decision.source === "policy" || rules.length === 0) {
    return headers;
  }
  headers["X-RateLimit-Limit"] = String(decision.limit);
  headers["X-RateLimit-Remaining"] = String(decision.remaining);
  headers["X-RateLimit-Reset"] = String(seconds(decision.resetAtMs));
  const state: string[] = [];
  const policy: string[] = [];
  for (const [name, rule] of rules) {
    if (rule) {
      state.push(`"${name}";r=${rule.remaining};t=${seconds(rule.resetAfterMs)}`);
      policy.push(`"${name}";q=${rule.limit};w=${Math.max(1, seconds(rule.windowMs))}`);
    }
  }
  headers["RateLimit"] = state.join(", ");
  headers["RateLimit-Policy"] = policy.join(", ");
  return headers;
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
