/** `pnpm reset`: deletes what development keeps in `.data` and returns to the seeded state. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findKeeper } from "../keeper/keeper-state.ts";
import { refillRedis, seedDevelopment } from "../prepare/seed.ts";
import { findDevRun } from "../processes/dev-run.ts";
import { waitForExit } from "../processes/wait-for.ts";
import {
  type DevSettings,
  dataFolder,
  loadEnvFile,
  readDevSettings,
  redactUrl,
} from "../settings/dev-settings.ts";
import { repositoryRoot } from "../workspace/repository-root.ts";
import { withLock } from "../workspace/with-lock.ts";

async function reset(): Promise<void> {
  loadEnvFile();
  const settings = readDevSettings();
  const run = await findDevRun();
  if (run !== undefined) {
    throw new Error(
      `Development is running (process ${run}). Stop it with Ctrl-C, then run \`pnpm reset\` again.`,
    );
  }
  if (!settings.databasePath.startsWith(`${repositoryRoot}/`)) {
    throw new Error(
      `DATABASE_PATH is outside this folder (${settings.databasePath}): reset does not touch it. Delete it yourself.`,
    );
  }
  const lock = join(dataFolder, "prepare.lock");
  await withLock(lock, async () => {
    await stopIdleKeeper();
    for (const name of readdirSync(dataFolder)) {
      if (join(dataFolder, name) !== lock) rmSync(join(dataFolder, name), { recursive: true, force: true });
    }
    for (const suffix of ["", "-wal", "-shm"]) rmSync(settings.databasePath + suffix, { force: true });
    await seed(settings);
  });
  console.log("Back to the seeded state.");
}

/** Redis of a run that has ended stays for a moment; it must not write into the folder that is emptied. */
async function stopIdleKeeper(): Promise<void> {
  const keeper = findKeeper(join(dataFolder, "redis"));
  if (keeper === undefined) return;
  process.kill(keeper.pid, "SIGTERM");
  if (!(await waitForExit(keeper.pid, 10_000)))
    throw new Error(`The Redis keeper (${keeper.pid}) does not end.`);
}

async function seed(settings: DevSettings): Promise<void> {
  await seedDevelopment(settings);
  if (settings.redis.kind === "external") {
    console.log(
      `The Redis of ${settings.redis.variable} (${redactUrl(settings.redis.url)}) is not ours: it is not emptied.`,
    );
    await refillRedis(settings);
  }
}

try {
  await reset();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
