/**
 * The keeper of the development Redis: a process in its own session that runs Redis for as long as
 * `KeeperRule` says. `prepare-dev` starts it: node main.ts <port> <data folder> <process id of the turbo run>
 */
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { findRedisServer } from "../redis/find-redis-server.ts";
import { startRedis } from "../redis/start-redis.ts";
import {
  type KeeperMessage,
  KeeperRule,
  clientNames,
  keeperChannel,
  parseClientNames,
} from "./keeper-rule.ts";
import { removeKeeperState, writeKeeperState } from "./keeper-state.ts";

const checkEveryMs = 250;
const [port, dataDir = "", runPid] = process.argv.slice(2);

const say = (text: string) => console.log(`${new Date().toISOString()} ${text}`);

async function keep(): Promise<void> {
  const log = join(dataDir, "redis.log");
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 1_000_000) rmSync(log);
  const program = await findRedisServer();
  const redis = await startRedis({ port: Number(port), dir: dataDir, appendonly: true });
  const rule = new KeeperRule(performance.now());
  const state = {
    pid: process.pid,
    redisPid: redis.pid,
    port: redis.port,
    program: `redis-server ${program.version}, ${program.source === "unpacked" ? "unpacked" : `from ${program.source}`}`,
    runPid: Number(runPid),
  };
  writeKeeperState(dataDir, state);

  const client = new Redis(redis.url, { connectionName: clientNames.keeper });
  const subscriber = new Redis(redis.url, { connectionName: clientNames.keeper });
  client.on("error", () => {});
  subscriber.on("error", () => {});
  let isStopping = false;
  const stop = async (reason: string): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    clearInterval(timer);
    say(`stopping Redis: ${reason}`);
    client.disconnect();
    subscriber.disconnect();
    await redis.stop();
    removeKeeperState(dataDir);
    process.exit(0);
  };
  subscriber.on("message", (_channel, text) => {
    const message: KeeperMessage = JSON.parse(text);
    if (message.kind === "leave") {
      rule.leave();
      return;
    }
    rule.expect(performance.now());
    writeKeeperState(dataDir, { ...state, runPid: message.runPid });
  });
  await subscriber.subscribe(keeperChannel);

  const check = async (): Promise<void> => {
    const clients = parseClientNames(String(await client.client("LIST")));
    const decision = rule.decide(performance.now(), clients);
    if (decision !== "stay") await stop(decision);
  };
  const timer = setInterval(() => void check().catch((error: unknown) => say(String(error))), checkEveryMs);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(signal));
  void redis.exited.then(() => {
    if (isStopping) return;
    say("Redis ended by itself, see redis.log");
    removeKeeperState(dataDir);
    process.exit(1);
  });
  say(`keeping Redis on port ${redis.port}`);
}

try {
  await keep();
  process.send?.({ ready: true });
} catch (error) {
  process.send?.({ ready: false, message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
