import type { RequestContext } from "../context/request-context.ts";
import type { LimitSubject, PolicyDecision } from "../deps/rate-limits.ts";
import { RateLimited, RedisAway } from "../errors/domain-errors.ts";
import type { RateLimitState } from "../errors/rate-limit-state.ts";
import { type PolicyName, rateLimitPolicies } from "./rate-limit-policies.ts";

/**
 * Counts a call by its policy: by member once his session is verified, else by address, so that a forged
 * token costs its sender and never the member it names. The decision is kept for the response's headers.
 *
 * @param subject counts by this instead.
 * @throws {RateLimited}
 * @throws {RedisAway} for a policy that is closed without Redis.
 */
export async function consumeLimit(
  request: RequestContext,
  policy: PolicyName,
  subject?: LimitSubject,
): Promise<void> {
  if (request.isPaid) {
    return;
  }
  const decided = await request.deps.limits.decide(policy, subject ?? (await subjectOf(request, policy)));
  request.decisions.push(decided);
  if (decided.decision.allowed) {
    return;
  }
  throw decided.decision.source === "policy" ? new RedisAway() : new RateLimited(toRateLimitState(decided));
}

async function subjectOf(request: RequestContext, policy: PolicyName): Promise<LimitSubject> {
  if ("member" in rateLimitPolicies[policy]) {
    const identity = await request.identity();
    if (identity.kind === "member") {
      return { memberId: identity.userId };
    }
  }
  return { address: request.address };
}

function toRateLimitState({ policy, decision }: PolicyDecision): RateLimitState {
  const { limit, remaining, retryAfterMs, resetAtMs, limitedBy } = decision;
  return {
    policy: limitedBy === undefined ? policy : `${policy}:${limitedBy}`,
    limit,
    remaining,
    retryAfterMs,
    resetAtMs,
  };
}
