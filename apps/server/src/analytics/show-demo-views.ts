import { fillDemoViews } from "@cardinal/api/use-cases";
import { isOutage } from "@cardinal/redis-core";
import type { ServerContext } from "../server-context.ts";

/** Counts the seeded page views in the background, once Redis is there. Development only. */
export async function showDemoViews(context: ServerContext, signal: AbortSignal): Promise<void> {
  if (!context.config.fillsDemoViews) {
    return;
  }
  try {
    await context.redis.ready(signal);
    const counted = await fillDemoViews(context.deps, signal);
    if (counted > 0) {
      context.log.info({ views: counted }, "seeded page views counted");
    }
  } catch (error) {
    if (!signal.aborted && !isOutage(error)) {
      context.log.error({ err: error }, "seeded page views could not be counted");
    }
  }
}
