import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
import type { AskedRule } from "./asked-rule.ts";
import { type LimitDecision, type RuleState, toDecision } from "./decision.ts";

/** A refund or a reset by another process is seen at the latest after this long. */
const longestMs = 1_000;

interface Denial {
  readonly cost: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly serverNowMs: number;
  readonly state: RuleState<string>;
}

/**
 * Denials this process was given lately, so that a flood of denied calls costs Redis nothing. It only
 * denies, and only what Redis would deny: the same rule and identity, no smaller a cost, before the moment
 * Redis named. Bounded; forgets the least recently asked.
 */
export class BlockCache {
  readonly #denials: LRUCache<string, Denial>;
  readonly #clock: Clock;

  constructor(max: number, clock: Clock) {
    this.#denials = new LRUCache({ max });
    this.#clock = clock;
  }

  find<Rule extends string>(asked: readonly AskedRule<Rule>[], cost: number): LimitDecision<Rule> | null {
    const nowMs = this.#clock.nowMs();
    for (const { name, rule, stateKey } of asked) {
      const denial = this.#denials.get(stateKey);
      // A local clock that went back makes an entry of the future, which is no longer believed.
      if (denial && denial.cost <= cost && nowMs >= denial.sinceMs && nowMs < denial.untilMs) {
        const passedMs = Math.ceil(nowMs - denial.sinceMs);
        const { remaining, retryAfterMs, resetAfterMs } = denial.state;
        const state = {
          name,
          rule,
          remaining,
          retryAfterMs: Math.max(1, retryAfterMs - passedMs),
          resetAfterMs: Math.max(1, resetAfterMs - passedMs),
        };
        return toDecision([state], denial.serverNowMs + passedMs, "blockCache");
      }
    }
    return null;
  }

  /** Remembers what was denied by Redis in answer to a call sent at local time `sentAtMs`. */
  remember(
    asked: readonly AskedRule<string>[],
    states: readonly RuleState<string>[],
    cost: number,
    sentAtMs: number,
    serverNowMs: number,
  ): void {
    for (const state of states) {
      if (state.rule.algorithm === "concurrency") {
        // Its lease may be released at any moment.
        continue;
      }
      const stateKey = asked.find(({ name }) => name === state.name)?.stateKey;
      if (state.retryAfterMs > 0 && stateKey !== undefined) {
        // Counted from before sending, the copy ends before the moment Redis named, never after.
        const untilMs = sentAtMs + Math.min(state.retryAfterMs, longestMs);
        this.#denials.set(stateKey, { cost, sinceMs: sentAtMs, untilMs, serverNowMs, state });
      }
    }
  }

  forget(asked: readonly AskedRule<string>[]): void {
    for (const { stateKey } of asked) {
      this.#denials.delete(stateKey);
    }
  }
}
