import type { RequestContext } from "../context/request-context.ts";
import type { LimitSubject } from "../deps/rate-limits.ts";
import type { PolicyName } from "./rate-limit-policies.ts";
import { rateLimitPolicies } from "./rate-limit-policies.ts";

/**
 * Counts a call by its policy: by member once his session is verified, else by address, so that a forged token
 * costs its sender and never the member it names. The decision is kept for the response's headers.
 *
 * @throws {RateLimited}
 */
export async function consumeLimit(request: RequestContext, policy: PolicyName): Promise<void> {
  request.decisions.push(await request.deps.limits.consume(policy, await subjectOf(request, policy)));
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
