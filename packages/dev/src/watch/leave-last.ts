import type { Redis } from "ioredis";
import { type KeeperMessage, clientNames, keeperChannel, parseClientNames } from "../keeper/keeper-rule.ts";
import { findKeeper } from "../keeper/keeper-state.ts";
import { waitForExit, waitUntil } from "../processes/wait-for.ts";
import { askRedis } from "../redis/ask-redis.ts";
import type { DevSettings } from "../settings/dev-settings.ts";

/** A run that is stopped right after it began may not be connected yet. */
const connectMs = 2000;
const othersMs = 30_000;
const redisEndMs = 10_000;
const ours: readonly string[] = [clientNames.keeper, clientNames.dev, clientNames.prepare];

/**
 * Waits until the server and worker have left our own Redis (30 s at most), leaves as the last, and waits
 * until the keeper has stopped Redis. A Redis of somebody else is simply left.
 */
export async function leaveLast(redis: Redis, settings: DevSettings["redis"]): Promise<void> {
  const keeper = settings.kind === "own" ? findKeeper(settings.dataDir) : undefined;
  if (keeper === undefined) {
    redis.disconnect();
    return;
  }
  const isConnected = await waitUntil(() => redis.status === "ready", connectMs);
  if (isConnected && !(await waitUntil(() => isAlone(redis), othersMs))) {
    console.log("Some programs are still connected to Redis after 30 s; it stops all the same.");
  }
  await announceLeave(settings.url);
  redis.disconnect();
  const ended = await waitForExit(keeper.pid, redisEndMs);
  if (!ended) console.log(`The Redis keeper (process ${keeper.pid}) is still running.`);
}

/** Tells the keeper that this run is over: Redis may stop when its last client has left. */
export async function announceLeave(url: string): Promise<void> {
  const message: KeeperMessage = { kind: "leave" };
  await askRedis(url, ["PUBLISH", keeperChannel, JSON.stringify(message)]).catch(() => 0);
}

async function isAlone(redis: Redis): Promise<boolean> {
  try {
    const names = parseClientNames(String(await redis.client("LIST")));
    return names.every((name) => ours.includes(name));
  } catch {
    return true;
  }
}
