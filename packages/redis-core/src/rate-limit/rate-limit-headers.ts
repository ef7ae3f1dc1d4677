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
    headers["Retry-After"] = String(Math.max(1, toSeconds(decision.retryAfterMs)));
  }
  if (decision.source === "policy") {
    return headers;
  }
  headers["X-RateLimit-Limit"] = String(decision.limit);
  headers["X-RateLimit-Remaining"] = String(decision.remaining);
  headers["X-RateLimit-Reset"] = String(toSeconds(decision.resetAtMs));
  const states: string[] = [];
  const policies: string[] = [];
  for (const [name, rule] of Object.entries(decision.rules)) {
    if (rule) {
      states.push(`"${name}";r=${rule.remaining};t=${toSeconds(rule.resetAfterMs)}`);
      policies.push(`"${name}";q=${rule.limit};w=${toSeconds(rule.windowMs)}`);
    }
  }
  headers["RateLimit"] = states.join(", ");
  headers["RateLimit-Policy"] = policies.join(", ");
  return headers;
}

function toSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
