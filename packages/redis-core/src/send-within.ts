import { OutcomeUnknown, RedisUnavailable } from "./errors.ts";
import type { CallOptions } from "./port.ts";
import { waitUntil } from "./wait-until.ts";

const notSentPauseMs = 25;

/** How long a call may take, and what may end or repeat it. */
export type CallLimits = CallOptions & { readonly deadlineMs: number };

/**
 * Sends once. A call marked `resend: "once"` is sent again after a lost reply: as often as it is not taken,
 * until it has left once more or the deadline is over. Nothing else is ever sent again.
 */
export async function sendWithin<T>(
  limits: CallLimits,
  send: (limits: CallLimits) => Promise<T>,
): Promise<T> {
  limits.signal?.throwIfAborted();
  const endsAt = performance.now() + limits.deadlineMs;
  try {
    return await send(limits);
  } catch (error) {
    if (limits.resend !== "once" || !(error instanceof OutcomeUnknown)) {
      throw error;
    }
    return await sendAgain(limits, send, endsAt, error);
  }
}

/** Whatever prevents the second sending, the first may have run. */
async function sendAgain<T>(
  limits: CallLimits,
  send: (limits: CallLimits) => Promise<T>,
  endsAt: number,
  lost: OutcomeUnknown,
): Promise<T> {
  for (;;) {
    limits.signal?.throwIfAborted();
    const deadlineMs = Math.ceil(endsAt - performance.now());
    if (deadlineMs < 1) {
      throw lost;
    }
    try {
      return await send({ ...limits, deadlineMs });
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) {
        throw error;
      }
    }
    await waitUntil(Math.min(notSentPauseMs, deadlineMs), { signal: limits.signal });
  }
}

/**
 * The work's result, or the first of deadline and signal. `giveUp` is called at either, to free what the work
 * holds, and makes the error of the deadline; the signal's is its own reason.
 */
export function raceDeadline<T>(
  work: Promise<T>,
  { deadlineMs, signal }: CallLimits,
  giveUp: (reason: string) => Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const onAbort = () => {
      settle();
      reject(signal?.reason as Error);
      giveUp("given up by its signal");
    };
    const onDeadline = () => {
      settle();
      reject(giveUp(`no reply within ${deadlineMs} ms`));
    };
    const timer = setTimeout(onDeadline, deadlineMs);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted === true) {
      onAbort();
    }
    work.then(resolve, reject).finally(settle);
  });
}
