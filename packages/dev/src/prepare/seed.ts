import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DevSettings } from "../settings/dev-settings.ts";
import { repositoryRoot } from "../workspace/repository-root.ts";

/** Run in this order; each is idempotent. Processes, because this package imports none of the others. */
const steps = [
  { what: "the database could not be migrated and seeded", script: "packages/db/src/cli/prepare.ts" },
  { what: "Redis could not be filled from the database", script: "packages/api/src/cli/seed-redis.ts" },
];

/** Migrates and seeds the database, then builds what Redis holds of it. Rejects when a step fails. */
export async function seedDevelopment(settings: DevSettings): Promise<void> {
  const env = { ...process.env, REDIS_URL: settings.redis.url, DATABASE_PATH: settings.databasePath };
  for (const { what, script } of steps) {
    const path = join(repositoryRoot, script);
    if (!existsSync(path)) continue;
    const child = spawn(process.execPath, [path], { cwd: repositoryRoot, env, stdio: "inherit" });
    const [code] = await once(child, "exit");
    if (code !== 0) {
      throw new Error(
        `${what} (${script}, exit ${String(code)}). \`pnpm reset\` starts from an empty state.`,
      );
    }
  }
}
