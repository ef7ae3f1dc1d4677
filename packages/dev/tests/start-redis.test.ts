import { existsSync } from "node:fs";
import { Redis } from "ioredis";
import { expect, inject, test } from "vitest";
import { startRedis } from "@cardinal/dev";

test("gives the run one Redis", async () => {
  const redis = new Redis(inject("redisUrl"));
  expect(await redis.ping()).toBe("PONG");
  redis.disconnect();
});

test("starts a Redis that answers, and leaves no folder when stopped", async () => {
  const server = await startRedis({ config: ["maxmemory 10mb"] });
  const redis = new Redis(server.url);
  expect(await redis.config("GET", "maxmemory")).toEqual(["maxmemory", "10485760"]);
  redis.disconnect();
  await server.stop();
  expect(server.hasExited()).toBe(true);
  expect(existsSync(server.dir)).toBe(false);
});
