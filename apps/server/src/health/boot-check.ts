import type { ServerContext } from "../server-context.ts";

/**
 * Once Redis is there, looks at how it is set up and logs what an operator should mend: its eviction, its
 * durability, who may connect. A development Redis is judged by its errors alone. Ends with the signal.
 */
export async function checkRedisAtStart(
  { core, redis, config, log }: Pick<ServerContext, "core" | "redis" | "config" | "log">,
  signal: AbortSignal,
): Promise<void> {
  try {
    await redis.ready(signal);
    await core.monitor().reportCheck(config.isProduction ? "warn" : "error");
  } catch (error) {
    if (!signal.aborted) {
      log.warn({ err: error }, "redis could not be checked");
    }
  }
}
