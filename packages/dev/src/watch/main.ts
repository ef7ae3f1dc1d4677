/**
 * The `dev` task of this package: keeps the development Redis alive by being connected as `cardinal-dev`,
 * prints the box when everything answers, and leaves last.
 */
import { Redis } from "ioredis";
import { clientNames } from "../keeper/keeper-rule.ts";
import { findKeeper } from "../keeper/keeper-state.ts";
import { findTurboRun } from "../processes/turbo-run.ts";
import { loadEnvFile, readDevSettings } from "../settings/dev-settings.ts";
import { leaveLast } from "./leave-last.ts";
import { watchRun } from "./orphan-guard.ts";
import { announceWhenReady } from "./ready.ts";

loadEnvFile();
const settings = readDevSettings();
const redis = new Redis(settings.redis.url, {
  connectionName: clientNames.dev,
  lazyConnect: true,
  maxRetriesPerRequest: null,
  retryStrategy: (attempt) => Math.min(50 * attempt, 500),
});
redis.on("error", () => {});
if (settings.redis.kind === "own") void redis.connect().catch(() => {});

const stopped = new AbortController();
let isLeaving = false;
const leave = async (othersEnded = Promise.resolve()): Promise<void> => {
  if (isLeaving) return;
  isLeaving = true;
  stopped.abort();
  await leaveLast(redis, settings.redis);
  await othersEnded;
  process.exit(0);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void leave());

const run = await findTurboRun();
if (run !== undefined) watchRun(run, stopped.signal, (othersEnded) => void leave(othersEnded));

const keeper = settings.redis.kind === "own" ? findKeeper(settings.redis.dataDir) : undefined;
await announceWhenReady(settings, keeper, stopped.signal);
