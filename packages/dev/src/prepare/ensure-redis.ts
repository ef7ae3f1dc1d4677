import { fork } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type KeeperMessage, keeperChannel } from "../keeper/keeper-rule.ts";
import { type KeeperState, findKeeper } from "../keeper/keeper-state.ts";
import { waitForExit } from "../processes/wait-for.ts";
import { askRedis } from "../redis/ask-redis.ts";
import { findRedisServer } from "../redis/find-redis-server.ts";
import { type DevSettings, redactUrl } from "../settings/dev-settings.ts";

const keeperScript = fileURLToPath(new URL("../keeper/main.ts", import.meta.url));
/** A keeper that is just stopping needs this long at most: its clients' 30 s and Redis' own end. */
const keeperEndMs = 40_000;

/**
 * Sees to it that the Redis of the settings answers: asks the one of REDIS_URL or REDIS_HOST, or has a keeper
 * run our own. A keeper of an earlier run that still serves the same data is told that a new run is coming.
 * Resolves with a line that says where Redis is.
 */
export async function ensureRedis(redis: DevSettings["redis"], runPid: number): Promise<string> {
  if (redis.kind === "external") return askExternal(redis.url, redis.variable);
  const kept = findKeeper(redis.dataDir);
  if (kept !== undefined) {
    const sameRun = kept.port === redis.port.port && (await announceRun(redis.url, runPid));
    if (sameRun) return describeOwn(kept);
    if (kept.port !== redis.port.port) process.kill(kept.pid, "SIGTERM");
    if (!(await waitForExit(kept.pid, keeperEndMs))) {
      throw new Error(
        `The Redis keeper of an earlier run (process ${kept.pid}) does not end. Stop it and try again.`,
      );
    }
  }
  await findRedisServer((message) => console.log(message));
  await startKeeper(redis.port.port, redis.dataDir, runPid);
  const started = findKeeper(redis.dataDir);
  if (started === undefined)
    throw new Error(`The Redis keeper ended at once, see ${redis.dataDir}/keeper.log.`);
  return describeOwn(started);
}

/**
 * Tells the keeper that the dev client of this run is about to come. False when no keeper listens any more.
 */
export async function announceRun(url: string, runPid: number): Promise<boolean> {
  const message: KeeperMessage = { kind: "expect", runPid };
  const listeners = await askRedis(url, ["PUBLISH", keeperChannel, JSON.stringify(message)]).catch(() => 0);
  return Number(listeners) > 0;
}

function describeOwn(keeper: KeeperState): string {
  return `redis://127.0.0.1:${keeper.port} (${keeper.program}, data in .data/redis)`;
}

async function askExternal(url: string, variable: string): Promise<string> {
  const shown = redactUrl(url);
  try {
    await askRedis(firstServer(url), ["PING"]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The Redis of ${variable} does not answer: ${shown}\n  ${reason}\n` +
        `Start it, correct ${variable}, or unset it to have one started for you.`,
      { cause: error },
    );
  }
  return `${shown} (from ${variable})`;
}

/** Of a list of Sentinels or Cluster nodes, the first: whether it answers at all is what is asked here. */
export function firstServer(url: string): string {
  const list = /^redis\+(?:sentinel|cluster)[+\w]*:\/\/(?:[^@/]*@)?([^,/]+)/.exec(url)?.[1];
  return list === undefined ? url : `redis://${list}`;
}

function startKeeper(port: number, dataDir: string, runPid: number): Promise<void> {
  mkdirSync(dataDir, { recursive: true });
  const log = openSync(join(dataDir, "keeper.log"), "w");
  const keeper = fork(keeperScript, [String(port), dataDir, String(runPid)], {
    detached: true,
    execArgv: [],
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  return new Promise((resolve, reject) => {
    keeper.once("message", (message: { ready: boolean; message?: string }) => {
      keeper.removeAllListeners();
      if (keeper.connected) keeper.disconnect();
      keeper.unref();
      if (message.ready) resolve();
      else reject(new Error(`Redis could not be started: ${message.message ?? "no reason given"}`));
    });
    keeper.once("error", reject);
    keeper.once("exit", (code) => {
      reject(new Error(`The Redis keeper ended (exit ${String(code)}), see ${join(dataDir, "keeper.log")}.`));
    });
  });
}
