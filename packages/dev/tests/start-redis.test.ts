import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { expect, inject, test } from "vitest";
import { PortTaken, startRedis } from "@cardinal/dev";
import { isAlive } from "../src/processes/process-table.ts";

const fixture = fileURLToPath(new URL("./fixtures/start-and-wait.ts", import.meta.url));

async function startFixture(
  ...args: string[]
): Promise<{ child: ChildProcess; pids: number[]; folders: string[] }> {
  const child = spawn(process.execPath, [fixture, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const told: { pids: number[]; folders: string[] } = JSON.parse(String(line));
  return { child, ...told };
}

test("gives the run one Redis", async () => {
  const redis = new Redis(inject("redisUrl"));
  expect(await redis.ping()).toBe("PONG");
  redis.disconnect();
});

test("starts a Redis that answers, and leaves no folder when stopped", async () => {
  const server = await startRedis({ config: ["maxmemory 10mb"] });
  const redis = new Redis(server.url);
  expect(await redis.config("GET", "maxmemory")).toEqual(["maxmemory", "10485760"]);
  expect(await redis.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
  redis.disconnect();
  await server.stop();
  await server.stop();
  expect(server.hasExited()).toBe(true);
  expect(existsSync(server.dir)).toBe(false);
});

test("starts many at once, each on a port of its own", async () => {
  const servers = await Promise.all(Array.from({ length: 6 }, () => startRedis()));
  expect(new Set(servers.map(({ port }) => port)).size).toBe(6);
  await Promise.all(servers.map((server) => server.stop()));
});

test("keeps the data in a given folder over a restart", async () => {
  const dir = mkdtempSync(join(tmpdir(), "cardinal-kept-"));
  const first = await startRedis({ dir, appendonly: true });
  const writer = new Redis(first.url);
  await writer.set("kept", "yes");
  writer.disconnect();
  await first.stop();

  const second = await startRedis({ dir, appendonly: true });
  const reader = new Redis(second.url);
  expect(await reader.get("kept")).toBe("yes");
  reader.disconnect();
  await second.stop();
  rmSync(dir, { recursive: true });
});

test("says which port is taken", async () => {
  await using first = await startRedis();
  const second = startRedis({ port: first.port });
  await expect(second).rejects.toThrow(PortTaken);
  await expect(second).rejects.toThrow(String(first.port));
});

test("shows what Redis says to a configuration that it refuses", async () => {
  await expect(startRedis({ config: ["no-such-directive 1"] })).rejects.toThrow(/no-such-directive/);
});

test("tells when Redis is killed", async () => {
  const server = await startRedis();
  process.kill(server.pid, "SIGKILL");
  await server.exited;
  expect(server.hasExited()).toBe(true);
  expect(existsSync(server.dir)).toBe(false);
});

test.each(["redis", "sentinel"])("nothing is left when the parent of %s is killed with -9", async (kind) => {
  const { child, pids, folders } = await startFixture(kind, "wait");
  expect(pids.every(isAlive)).toBe(true);
  child.kill("SIGKILL");
  await expect.poll(() => pids.some(isAlive), { timeout: 5000 }).toBe(false);
  await expect.poll(() => folders.some((folder) => existsSync(folder)), { timeout: 5000 }).toBe(false);
});

test("a forgotten server neither keeps its parent running nor outlives it", async () => {
  const { child, pids, folders } = await startFixture("redis");
  if (child.exitCode === null) await once(child, "exit");
  expect(child.exitCode).toBe(0);
  await expect.poll(() => pids.some(isAlive), { timeout: 5000 }).toBe(false);
  await expect.poll(() => folders.some((folder) => existsSync(folder)), { timeout: 5000 }).toBe(false);
});
