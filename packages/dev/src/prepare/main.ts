/**
 * The task that turbo runs before every `dev` task: checks the ports, sees to Redis, migrates and seeds.
 * Exits non-zero, having said why, when development cannot start.
 */
import { join } from "node:path";
import { findKeeper } from "../keeper/keeper-state.ts";
import { isAlive } from "../processes/process-table.ts";
import { findTurboRun } from "../processes/turbo-run.ts";
import { type DevSettings, dataFolder, loadEnvFile, readDevSettings } from "../settings/dev-settings.ts";
import { withLock } from "../workspace/with-lock.ts";
import { explainTakenPorts, findTakenPorts } from "./check-ports.ts";
import { announceLeave } from "../watch/leave-last.ts";
import { waitForExit } from "../processes/wait-for.ts";
import { announceRun, ensureRedis } from "./ensure-redis.ts";
import { seedDevelopment } from "./seed.ts";

async function prepare(): Promise<void> {
  loadEnvFile();
  const settings = readDevSettings();
  const runPid = (await findTurboRun())?.pid ?? process.ppid;
  await withLock(join(dataFolder, "prepare.lock"), async () => {
    await refuseIfTaken(settings, runPid);
    const { redis } = settings;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => void abandon(redis));
    try {
      console.log(`Redis: ${await ensureRedis(redis, runPid)}`);
      await seedDevelopment(settings);
      if (redis.kind === "own") await announceRun(redis.url, runPid);
    } catch (error) {
      if (redis.kind === "own") await announceLeave(redis.url);
      throw error;
    }
  });
}

let isAbandoned = false;

/** Stopped before development came up: Redis must not be left waiting for it. */
async function abandon(redis: DevSettings["redis"]): Promise<void> {
  if (isAbandoned) return;
  isAbandoned = true;
  if (redis.kind === "own") {
    const keeper = findKeeper(redis.dataDir);
    await announceLeave(redis.url);
    if (keeper !== undefined) await waitForExit(keeper.pid, 5000);
  }
  process.exit(130);
}

async function refuseIfTaken(settings: DevSettings, runPid: number): Promise<void> {
  const { redis } = settings;
  const keeper = redis.kind === "own" ? findKeeper(redis.dataDir) : undefined;
  const needed = [settings.web, settings.server, settings.worker];
  if (redis.kind === "own" && keeper?.port !== redis.port.port) needed.push(redis.port);
  const taken = await findTakenPorts(needed);
  const isRunning = keeper !== undefined && keeper.runPid !== runPid && isAlive(keeper.runPid);
  const reasons = [
    ...(isRunning
      ? [
          `Development is running from this folder already (process ${keeper.runPid}): stop it there with Ctrl-C.`,
        ]
      : []),
    ...(taken.length > 0 ? [await explainTakenPorts(taken)] : []),
  ];
  if (reasons.length > 0) throw new Error(reasons.join("\n"));
}

try {
  await prepare();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
