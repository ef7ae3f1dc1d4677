import { userQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { Health } from "../../routers/health/schemas.ts";

/** How this server is: `degraded` when Redis or the database does not answer. Never throws. */
export async function checkHealth(
  deps: Pick<AppDeps, "db" | "checkRedis" | "config" | "now" | "startedAtMs">,
): Promise<Health> {
  const [redis, database] = await Promise.all([
    deps.checkRedis(),
    deps.db
      .read((tx) => userQueries.count(tx))
      .then(
        () => true,
        () => false,
      ),
  ]);
  return {
    status: redis && database ? "ok" : "degraded",
    redis,
    database,
    version: deps.config.version,
    uptimeMs: deps.now() - deps.startedAtMs,
  };
}
