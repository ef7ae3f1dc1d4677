import type { CoreContext } from "../context.ts";
import { Misuse, RedisUnavailable } from "../errors.ts";
import { assertCost } from "./asked-rule.ts";
import type { TakenLimit } from "./decision.ts";

/** A decision whose cost was an estimate. */
export interface ReservedLimit<Rule extends string = string> extends TakenLimit<Rule> {
  /**
   * Puts the actual cost in the place of the reserved one, at the time it was reserved, and releases. What was
   * reserved too much is given back; what was too little is debited as far as the rule has room, and never
   * past its limit. One round trip, not resent; on a denied call nothing happens. An estimate that is never
   * settled stays.
   *
   * @throws {Misuse} when it was settled already, or for a cost that is no whole number of at least 0.
   * @throws {RedisUnavailable}, after which it may be tried again, or {OutcomeUnknown}, after which it may not.
   */
  settle(actualCost: number): Promise<void>;
}

/** Makes `release` give the call's leases back. */
export function withRelease<Rule extends string>(
  context: CoreContext,
  decision: TakenLimit<Rule>,
  giveBack: () => Promise<void>,
): TakenLimit<Rule> {
  let releasing: Promise<void> | undefined;
  const release = () => {
    releasing ??= giveBack().catch((error: unknown) => {
      releasing = undefined;
      throw error;
    });
    return releasing;
  };
  const dispose = async () => {
    try {
      await release();
    } catch (error) {
      context.telemetry.count("ratelimit_release_failures_total");
      context.telemetry.log("warn", "a limit's lease could not be released; it ends by itself", { error });
    }
  };
  return Object.assign(decision, { release, [Symbol.asyncDispose]: dispose });
}

export function withSettle<Rule extends string>(
  decision: TakenLimit<Rule>,
  settleOnce: (actualCost: number) => Promise<void>,
): ReservedLimit<Rule> {
  let isSettled = false;
  const settle = async (actualCost: number) => {
    assertCost(actualCost);
    if (isSettled) {
      throw new Misuse("this reservation was settled already");
    }
    if (!decision.allowed) {
      return;
    }
    isSettled = true;
    try {
      await settleOnce(actualCost);
    } catch (error) {
      // Never sent, it may be tried again; sent, it may have been done.
      isSettled = !(error instanceof RedisUnavailable);
      throw error;
    }
  };
  return Object.assign(decision, { settle });
}
