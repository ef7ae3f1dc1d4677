import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "@cardinal/dev";
import { findKeeper } from "../src/keeper/keeper-state.ts";
import { ensureRedis } from "../src/prepare/ensure-redis.ts";
import { isAlive } from "../src/processes/process-table.ts";
import { waitForExit } from "../src/processes/wait-for.ts";
import { leaveLast } from "../src/watch/leave-last.ts";

async function ownRedis() {
  const port = await freePort();
  const dataDir = mkdtempSync(join(tmpdir(), "cardinal-keeper-"));
  onTestFinished(async () => {
    const keeper = findKeeper(dataDir);
    if (keeper !== undefined) {
      process.kill(keeper.pid, "SIGTERM");
      await waitForExit(keeper.pid, 10_000);
    }
    rmSync(dataDir, { recursive: true, force: true });
  });
  return {
    kind: "own" as const,
    url: `redis://127.0.0.1:${port}`,
    port: { name: "Redis" as const, port, variable: "REDIS_PORT" },
    dataDir,
  };
}

function keeperOf(dataDir: string) {
  const keeper = findKeeper(dataDir);
  if (keeper === undefined) throw new Error("no keeper is running");
  return keeper;
}

/** How often somebody, here the keeper alone, has looked who is connected. */
async function countLooks(redis: Redis): Promise<number> {
  return Number(/client\|list:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1] ?? 0);
}

test("keeps Redis for the next run, which leaves last and finds its data again", async () => {
  const settings = await ownRedis();
  await ensureRedis(settings, process.pid);
  const first = keeperOf(settings.dataDir);
  await ensureRedis(settings, process.pid);
  expect(keeperOf(settings.dataDir).pid).toBe(first.pid);

  const dev = new Redis(settings.url, { connectionName: "cardinal-dev" });
  const worker = new Redis(settings.url);
  await worker.set("kept", "yes");
  let hasLeft = false;
  const leaving = leaveLast(dev, settings).then(() => {
    hasLeft = true;
  });
  await worker.ping();
  expect(hasLeft).toBe(false);
  worker.disconnect();
  await leaving;
  expect(isAlive(first.pid) || isAlive(first.redisPid)).toBe(false);
  expect(findKeeper(settings.dataDir)).toBeUndefined();

  await ensureRedis(settings, process.pid);
  const reader = new Redis(settings.url);
  expect(await reader.get("kept")).toBe("yes");
  reader.disconnect();
});

test("stops Redis when the dev client is killed", async () => {
  const settings = await ownRedis();
  await ensureRedis(settings, process.pid);
  const keeper = keeperOf(settings.dataDir);
  const dev = new Redis(settings.url, { connectionName: "cardinal-dev", retryStrategy: () => null });
  const looksBefore = await countLooks(dev);
  await expect.poll(() => countLooks(dev)).toBeGreaterThan(looksBefore + 1);
  dev.disconnect();
  expect(await waitForExit(keeper.pid, 15_000)).toBe(true);
  expect(isAlive(keeper.redisPid)).toBe(false);
});

test("Redis ends with a keeper that is killed with -9", async () => {
  const settings = await ownRedis();
  await ensureRedis(settings, process.pid);
  const keeper = keeperOf(settings.dataDir);
  process.kill(keeper.pid, "SIGKILL");
  expect(await waitForExit(keeper.redisPid, 5000)).toBe(true);
  expect(findKeeper(settings.dataDir)).toBeUndefined();
});

test("says why Redis could not be started", async () => {
  const settings = await ownRedis();
  const other = await ownRedis();
  await ensureRedis(other, process.pid);
  await expect(ensureRedis({ ...settings, port: other.port, url: other.url }, process.pid)).rejects.toThrow(
    /could not bind port/,
  );
});

test("names the variable whose Redis does not answer, without its password", async () => {
  const port = await freePort();
  const url = `redis://:secret@127.0.0.1:${port}`;
  const asking = ensureRedis({ kind: "external", url, variable: "REDIS_URL" }, process.pid);
  await expect(asking).rejects.toThrow(/REDIS_URL does not answer: redis:\/\/:\*\*\*@127/);
  await expect(asking).rejects.not.toThrow(/secret/);
});
