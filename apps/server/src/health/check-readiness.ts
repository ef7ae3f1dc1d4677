import { userQueries } from "@cardinal/db";
import type { ServerContext } from "../server-context.ts";

interface Check {
  readonly ok: boolean;
  /** Why not, for an operator. */
  readonly reason: string | null;
  readonly latencyMs: number | null;
}

export interface Readiness {
  readonly status: "ready" | "unready" | "draining";
  readonly checks: Readonly<Record<string, Check>>;
}

/**
 * Whether this server can do all of its work now: each part asked, in parallel, for at most half a second.
 */
export async function checkReadiness(
  context: Pick<ServerContext, "redis" | "cacheRedis" | "db">,
  isDraining: boolean,
): Promise<Readiness> {
  const [redis, cacheRedis, database] = await Promise.all([
    context.redis.health(),
    context.cacheRedis?.health() ?? null,
    checkDatabase(context.db),
  ]);
  const checks = { redis, ...(cacheRedis === null ? {} : { cacheRedis }), database };
  const isReady = Object.values(checks).every(({ ok }) => ok);
  if (isDraining) {
    return { status: "draining", checks };
  }
  return { status: isReady ? "ready" : "unready", checks };
}

async function checkDatabase(db: ServerContext["db"]): Promise<Check> {
  const startedAt = performance.now();
  try {
    await db.read((tx) => userQueries.count(tx));
    return { ok: true, reason: null, latencyMs: performance.now() - startedAt };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error), latencyMs: null };
  }
}
