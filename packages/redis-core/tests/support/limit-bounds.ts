import { expect } from "vitest";
import type { LimitRule } from "../../src/rate-limit/index.ts";

/** Asserts what the rule's algorithm promises of calls of cost 1 that passed at these times, in order. */
export function expectWithinBound(rule: LimitRule, passedAtMs: readonly number[]): void {
  const { limit, windowMs, refill } = rule;
  if (refill) {
    // From any pass to any later one: burst + rate · t / per, by the least slack so far.
    const perMs = refill.perMs / refill.rate;
    let least = Number.POSITIVE_INFINITY;
    for (const [index, atMs] of passedAtMs.entries()) {
      least = Math.min(least, index - atMs / perMs);
      const most = index + 1 - least - atMs / perMs;
      expect(most, `burst at pass ${index}`).toBeLessThanOrEqual(limit + 1e-6);
    }
  } else if (rule.algorithm === "fixed-window" || rule.algorithm === "sliding-window") {
    const counts = new Map<number, number>();
    for (const atMs of passedAtMs) {
      const window = Math.floor(atMs / windowMs);
      const count = (counts.get(window) ?? 0) + 1;
      counts.set(window, count);
      const before = rule.algorithm === "sliding-window" ? (counts.get(window - 1) ?? 0) : 0;
      const estimate = count + (before * (windowMs - (atMs - window * windowMs))) / windowMs;
      expect(estimate, `estimate at ${atMs}`).toBeLessThanOrEqual(limit + 1e-6);
    }
  } else {
    for (const [index, atMs] of passedAtMs.entries()) {
      const next = passedAtMs[index + limit];
      expect(next === undefined || next - atMs >= windowMs, `${limit + 1} within ${windowMs} ms`).toBe(true);
    }
  }
}
