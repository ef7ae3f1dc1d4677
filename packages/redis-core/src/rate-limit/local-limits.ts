import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
import type { AskedRule } from "./asked-rule.ts";
import type { RuleResult } from "./decision.ts";
import type { LimitRule } from "./rules.ts";

/** Times and sizes of recent calls by one identity under one rule. */
interface Usage {
  readonly sinceMs: number;
  /** Cost taken, fading evenly: a bucket's level. Otherwise the count of the window that began then. */
  readonly used: number;
}

const maxIdentities = 10_000;

/**
 * The limits of one process on its own, while Redis is away: each divided by the number of processes
 * (rounded down, at least 1 and the call's cost). Windows begin at an identity's first call; a bucket fades as it does in
 * Redis; of leases those not released are counted, for a `ttl` from the first. Starts empty, remembers at most 10 000 identities.
 */
export class LocalLimits {
  readonly #usages = new LRUCache<string, Usage>({ max: maxIdentities });
  readonly #instances: number;
  readonly #clock: Clock;

  constructor(instances: number, clock: Clock) {
    this.#instances = instances;
    this.#clock = clock;
  }

  decide(asked: readonly AskedRule<string>[], mode: "take" | "peek", cost: number): RuleResult[] {
    const nowMs = this.#clock.nowMs();
    const found = asked.map(({ plan: { rule }, stateKey }) => {
      const share = { ...rule, limit: Math.max(1, cost, Math.floor(rule.limit / this.#instances)) };
      return { stateKey, share, usage: currentUsage(this.#usages.get(stateKey), share, nowMs) };
    });
    const takes = mode === "take" && found.every(({ share, usage }) => usage.used + cost <= share.limit);
    return found.map(({ stateKey, share, usage }) => {
      const used = usage.used + (takes ? cost : 0);
      if (takes) {
        this.#usages.set(stateKey, { ...usage, used });
      }
      const excess = takes ? 0 : used + cost - share.limit;
      const untilFree = (amount: number) => Math.ceil(untilFreeMs(amount, usage, share, nowMs));
      const resetAfterMs = untilFree(used);
      return {
        limit: share.limit,
        remaining: Math.max(0, Math.floor(share.limit - used)),
        retryAfterMs: excess > 0 ? Math.max(1, untilFree(Math.min(excess, used))) : 0,
        resetAtMs: nowMs + resetAfterMs,
        resetAfterMs,
        windowMs: share.windowMs,
      };
    });
  }

  refund(asked: readonly AskedRule<string>[], cost: number): void {
    for (const { stateKey } of asked) {
      const usage = this.#usages.get(stateKey);
      if (usage) {
        this.#usages.set(stateKey, { ...usage, used: Math.max(0, usage.used - cost) });
      }
    }
  }

  forget(asked: readonly AskedRule<string>[]): void {
    for (const { stateKey } of asked) {
      this.#usages.delete(stateKey);
    }
  }
}

function currentUsage(saved: Usage | undefined, rule: LimitRule, nowMs: number): Usage {
  if (!saved || nowMs < saved.sinceMs) {
    return { sinceMs: nowMs, used: saved?.used ?? 0 };
  }
  if (rule.refill) {
    const back = ((nowMs - saved.sinceMs) * rule.limit) / rule.windowMs;
    return { sinceMs: nowMs, used: Math.max(0, saved.used - back) };
  }
  return nowMs - saved.sinceMs < rule.windowMs ? saved : { sinceMs: nowMs, used: 0 };
}

function untilFreeMs(amount: number, usage: Usage, rule: LimitRule, nowMs: number): number {
  if (amount <= 0) {
    return 0;
  }
  return rule.refill
    ? (amount * rule.windowMs) / rule.limit
    : usage.sinceMs + rule.windowMs - nowMs;
}
