import { isOutage } from "../errors.ts";
import type { LimitDecision, TakenLimit } from "./decision.ts";
import { pause, pauseBeforeNext } from "./pause.ts";
import type { LimitRules } from "./rules.ts";
import { keepPlaceMs, type QueuedWaiter } from "./waiting-queue.ts";

/** Milliseconds until one is asked again who is late to take what is free for him. */
const lateMs = 10;

interface Waiting<Rule extends string> {
  readonly rules: LimitRules;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  take(): Promise<TakenLimit<Rule>>;
}

/** Asks, sleeps for as long as the answer says, and asks again, while that can be of use. */
export async function waitForLimit<Rule extends string>({
  rules,
  timeoutMs,
  signal,
  take,
}: Waiting<Rule>): Promise<TakenLimit<Rule>> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const decision = await take();
    const leftMs = endsAt - performance.now();
    const pauseMs = pauseBeforeNext(rules, decision, leftMs);
    if (decision.allowed || leftMs <= 0 || pauseMs > leftMs) {
      return decision;
    }
    await pause(pauseMs, signal);
  }
}

/**
 * As `waitForLimit`, in the order of asking: only the first of the queue takes. The others sleep until what those
 * before them will take, and their own, would be free.
 */
export async function waitInTurn<Rule extends string>(
  waiter: QueuedWaiter,
  waiting: Waiting<Rule> & { peek(costBefore: number): Promise<LimitDecision<Rule>> },
): Promise<TakenLimit<Rule>> {
  const { rules, timeoutMs, signal, take, peek } = waiting;
  const endsAt = performance.now() + timeoutMs;
  try {
    for (;;) {
      const { before, costBefore } = await waiter.turn();
      const found = before === 0 ? await take() : await peek(costBefore);
      const leftMs = endsAt - performance.now();
      const pauseMs = pauseBeforeNext(rules, found, leftMs);
      if (before === 0 && (found.allowed || pauseMs > leftMs)) {
        return found as TakenLimit<Rule>;
      }
      if (before === null || leftMs <= 0) {
        return denied(found);
      }
      await pause(Math.min(Math.max(pauseMs, lateMs), keepPlaceMs, leftMs), signal);
    }
  } catch (error) {
    if (!isOutage(error)) {
      throw error;
    }
    // Nobody keeps an order without Redis.
    return await waitForLimit({ rules, timeoutMs: Math.max(0, endsAt - performance.now()), signal, take });
  } finally {
    await waiter.leave();
  }
}

/** For one whose turn did not come, although the limit itself might have had room. */
function denied<Rule extends string>(found: LimitDecision<Rule>): TakenLimit<Rule> {
  const retryAfterMs = Math.max(1, found.retryAfterMs);
  const release = async () => {};
  return { ...found, allowed: false, retryAfterMs, release, [Symbol.asyncDispose]: release };
}
