import type { WriteTransaction } from "@cardinal/db";
import { enqueue, invalidateCacheTags } from "@cardinal/jobs";
import type { AppDeps } from "../../deps/app-deps.ts";
import { type Invalidation, invalidate } from "../../deps/caches.ts";

/**
 * First half of an invalidation, inside the transaction of the change: jobs that repeat it. Should the
 * process die between commit and `invalidateNow`, or Redis be away, they keep stale values from living out
 * their time.
 */
export function enqueueInvalidations(
  tx: WriteTransaction,
  invalidations: readonly Invalidation[],
  nowMs: number,
): void {
  for (const { cache, tags } of invalidations) {
    enqueue(tx, invalidateCacheTags, { namespace: cache, tags: [...tags] }, { nowMs });
  }
}

/**
 * Second half, after the commit: at once, so that the caller reads his own change. A failure is left to the
 * job.
 */
export async function invalidateNow(
  deps: Pick<AppDeps, "caches" | "log" | "outbox">,
  invalidations: readonly Invalidation[],
): Promise<void> {
  deps.outbox.ring();
  try {
    await invalidate(deps.caches, invalidations);
  } catch (error) {
    deps.log.warn({ err: error }, "invalidation failed; the job repeats it");
  }
}
