import type { CoreContext } from "./context.ts";
import { isOutage } from "./errors.ts";
import { waitUntil } from "./wait-until.ts";

const retryMs = 250;

/** Whether messages go by SPUBLISH and SSUBSCRIBE, which every process of a deployment finds alike. */
export async function isSharded(context: CoreContext, wanted: boolean): Promise<boolean> {
  return wanted && (await context.state.hasShardedPubSub());
}

/** The command by which a script tells of what it did. */
export async function ringCommand(context: CoreContext, wanted = true): Promise<"PUBLISH" | "SPUBLISH"> {
  return (await isSharded(context, wanted)) ? "SPUBLISH" : "PUBLISH";
}

/** As `isSharded`, and waits for a Redis that is away, as a subscription does. */
export async function untilSharded(
  context: CoreContext,
  wanted: boolean,
  signal?: AbortSignal,
): Promise<boolean> {
  for (;;) {
    try {
      return await isSharded(context, wanted);
    } catch (error) {
      if (!isOutage(error)) {
        throw error;
      }
    }
    await waitUntil(retryMs, { signal });
    signal?.throwIfAborted();
  }
}
