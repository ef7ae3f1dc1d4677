import type { LimitDecision } from "../rate-limit/index.ts";

/** How a request that is not let through is answered. */
export interface LimitAnswer {
  readonly status: 429 | 503;
  readonly body: string;
}

/**
 * 429 for a caller who was counted and is over a limit; 503 where nobody counted because Redis is away and the limiter
 * is `closed`: the caller did nothing wrong. Null for a decision that allows.
 */
export function limitAnswer(decision: LimitDecision): LimitAnswer | null {
  if (decision.allowed) {
    return null;
  }
  const status = decision.source === "policy" ? 503 : 429;
  const { limitedBy, retryAfterMs } = decision;
  const error = status === 429 ? "TOO_MANY_REQUESTS" : "SERVICE_UNAVAILABLE";
  return { status, body: JSON.stringify({ error, limitedBy, retryAfterMs }) };
}
