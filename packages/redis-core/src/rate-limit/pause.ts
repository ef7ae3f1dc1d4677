import { waitUntil } from "../wait-until.ts";
import type { LimitDecision } from "./decision.ts";
import type { LimitRules } from "./rules.ts";

const releaseLookMs = 100;

/**
 * Milliseconds after which a denied call is worth asking again: exact, but for leases, which may be released
 * before they end, and are looked at now and then until `leftMs` are over.
 */
export function pauseBeforeNext(rules: LimitRules, decision: LimitDecision, leftMs: number): number {
  const denying = Object.entries(decision.rules).filter(([, result]) => (result?.retryAfterMs ?? 0) > 0);
  if (denying.length === 0) {
    return decision.retryAfterMs;
  }
  const jitter = 0.5 + Math.random() / 2;
  return Math.max(
    ...denying.map(([name, result]) => {
      const retryAfterMs = result?.retryAfterMs ?? 0;
      return rules[name]?.algorithm === "concurrency"
        ? Math.min(retryAfterMs, releaseLookMs * jitter, leftMs)
        : retryAfterMs;
    }),
  );
}

/** Sleeps; rejects with the signal's reason. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await waitUntil(ms, { signal });
  signal?.throwIfAborted();
}
