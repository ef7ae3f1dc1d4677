import type { CoreContext } from "../context.ts";
import { Misuse } from "../errors.ts";
import { LeasedLocks } from "./leased-locks.ts";
import { checkReplicas, type Lock, type LockOptions } from "./lock.ts";
import { PermitStore } from "./permit-store.ts";

export interface SemaphoreOptions extends LockOptions {
  /** How many may hold at once: a whole number from 1 to 10 000, the same in every process. */
  readonly permits: number;
}

/**
 * At most `permits` holders at a time, each with a lease of its own: what `Lock` says of one holder holds for
 * each of them, and so do its methods, waiting, renewals, signals and errors. A holder that dies gives its
 * permit back when its lease ends. Processes that differ in `permits` each judge by their own number.
 *
 * `token` rises with every grant. Because several hold at once, it does not fence: a lower token may belong to
 * somebody who still holds.
 *
 * One round trip to take a free permit, one to give it back; each costs O(log permits). Without Redis every
 * method throws `RedisUnavailable` or `OutcomeUnknown`.
 *
 * @example
 * const encoders = core.semaphore("encoder", { permits: 3, lease: "1m" });
 * await encoders.run(({ signal }) => encode(video, { signal }));
 */
export type Semaphore = Lock;

const mostPermits = 10_000;

/**
 * See `Semaphore`. Costs nothing until used.
 *
 * @throws {Misuse} when `permits` is no whole number from 1 to 10 000.
 */
export function createSemaphore(context: CoreContext, name: string, options: SemaphoreOptions): Semaphore {
  const { permits } = options;
  if (!Number.isInteger(permits) || permits < 1 || permits > mostPermits) {
    throw new Misuse(`permits must be a whole number from 1 to ${mostPermits}, got ${permits}`);
  }
  return new LeasedLocks(context, new PermitStore(context, name, { permits, replicas: checkReplicas(options) }), options);
}
