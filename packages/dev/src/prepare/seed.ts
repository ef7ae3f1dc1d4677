import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { DevSettings } from "../settings/dev-settings.ts";
import { repositoryRoot } from "../workspace/repository-root.ts";

/**
 * Migrates and seeds the database. What Redis holds of it the server builds when it starts. Rejects when it
 * fails.
 */
export function seedDevelopment(settings: DevSettings): Promise<void> {
  return runScript("packages/db/src/cli/prepare.ts", settings, "the database could not be migrated and seeded");
}

/** Replaces what a Redis that is not ours holds of an earlier database. */
export function refillRedis(settings: DevSettings): Promise<void> {
  return runScript("packages/api/src/cli/seed-redis.ts", settings, "Redis could not be filled from the database");
}

/** A process of its own, because this package imports none of the others. */
async function runScript(script: string, settings: DevSettings, failure: string): Promise<void> {
  const env = { ...process.env, REDIS_URL: settings.redis.url, DATABASE_PATH: settings.databasePath };
  const options = { cwd: repositoryRoot, env, stdio: "inherit" } as const;
  const child = spawn(process.execPath, [join(repositoryRoot, script)], options);
  const [code] = await once(child, "exit");
  if (code !== 0) {
    throw new Error(
      `${failure} (${script}, exit ${String(code)}). \`pnpm reset\` starts from an empty state.`,
    );
  }
}
