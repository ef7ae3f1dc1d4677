import type { Database } from "@cardinal/db";
import { describeJobError } from "@cardinal/jobs";

export type HealthCheck = { ok: true } | { ok: false; reason: string };

export type HealthReport = { status: "ok" | "unavailable"; checks: Record<string, HealthCheck> };

/** Asks everything the worker needs, at the same time. Never throws. */
export async function checkHealth(sources: {
  redis: () => Promise<{ ok: boolean; reason: string | null }>;
  db: Database;
  /** Why no jobs are taken, or null when they are. */
  whyIdle: () => string | null;
}): Promise<HealthReport> {
  const [redis, database] = await Promise.all([
    sources.redis(),
    sources.db.read(() => true).then(
      () => ({ ok: true }) as const,
      (error: unknown) => ({ ok: false, reason: describeJobError(error) }) as const,
    ),
  ]);
  const idle = sources.whyIdle();
  const checks: Record<string, HealthCheck> = {
    redis: redis.ok ? { ok: true } : { ok: false, reason: redis.reason ?? "no answer" },
    database,
    jobs: idle === null ? { ok: true } : { ok: false, reason: idle },
  };
  const isOk = Object.values(checks).every(({ ok }) => ok);
  return { status: isOk ? "ok" : "unavailable", checks };
}
