import type { RedisCore } from "@cardinal/redis-core";
import {
  type LimitDecision,
  type Limiter,
  type LimitRule,
  slidingWindow,
} from "@cardinal/redis-core/rate-limit";
import type { LimitPolicy, PolicyName, RateLimitPolicies } from "../policies/rate-limit-policies.ts";
import type { ApiTelemetry } from "./telemetry.ts";

/** Whom a call is counted by: a verified member, or else the client's address (or a key made of it). */
export type LimitSubject = { readonly memberId: string } | { readonly address: string };

/** A decision with the policy it was made by. */
export interface PolicyDecision {
  readonly policy: PolicyName;
  readonly decision: LimitDecision;
}

export interface RateLimits {
  /**
   * Counts one call. One round trip; a refused call costs nothing. Without Redis it does what the policy
   * says.
   */
  decide(policy: PolicyName, subject: LimitSubject): Promise<PolicyDecision>;
  /** Gives one counted call back, as after a sign-in that succeeded. */
  refund(policy: PolicyName, subject: LimitSubject): Promise<void>;
}

interface RateLimitsOptions {
  readonly core: RedisCore;
  readonly policies: RateLimitPolicies;
  readonly telemetry: ApiTelemetry;
  /** Processes that share the limits of `local` policies. */
  readonly instances: number;
}

/** One limiter for each policy on the page. */
export function createRateLimits({ core, policies, telemetry, instances }: RateLimitsOptions): RateLimits {
  const limiters = new Map<PolicyName, Limiter>();

  const limiterOf = (name: PolicyName): Limiter => {
    let limiter = limiters.get(name);
    if (limiter === undefined) {
      const { onUnavailable } = policies[name];
      limiter = core.limiter(name, rulesOf(policies[name]), { onUnavailable, instances });
      limiters.set(name, limiter);
    }
    return limiter;
  };

  return {
    async decide(policy, subject) {
      const decision = await limiterOf(policy).limit(keysOf(policies[policy], subject));
      telemetry.limitDecided({ policy, decision: outcomeOf(decision) });
      return { policy, decision };
    },
    async refund(policy, subject) {
      await limiterOf(policy).refund(keysOf(policies[policy], subject));
    },
  };
}

function outcomeOf({ allowed, source }: LimitDecision): "allowed" | "limited" | "unavailable" {
  if (source === "policy") {
    return "unavailable";
  }
  return allowed ? "allowed" : "limited";
}

function rulesOf(policy: LimitPolicy): Record<string, LimitRule> {
  const rules: Record<string, LimitRule> = {};
  for (const [name, { limit, window }] of Object.entries(policy.member ?? {})) {
    rules[`member-${name}`] = slidingWindow(limit, window);
  }
  for (const [name, { limit, window }] of Object.entries(policy.address)) {
    rules[`address-${name}`] = slidingWindow(limit, window);
  }
  return rules;
}

/** Every rule needs a key; `null` leaves out the rules of the other kind of caller. */
function keysOf(policy: LimitPolicy, subject: LimitSubject): Record<string, string | null> {
  const isMember = "memberId" in subject;
  const keys: Record<string, string | null> = {};
  for (const name of Object.keys(policy.member ?? {})) {
    keys[`member-${name}`] = isMember ? subject.memberId : null;
  }
  for (const name of Object.keys(policy.address)) {
    keys[`address-${name}`] = isMember ? null : subject.address;
  }
  return keys;
}
