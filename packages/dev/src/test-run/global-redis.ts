import type { TestProject } from "vitest/node";
import { findRedisServer } from "../redis/find-redis-server.ts";
import { startRedis } from "../redis/start-redis.ts";
import "./vitest-context.ts";

/** Starts the one Redis of a test run before the first test file and stops it after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { version } = await findRedisServer((message) => console.log(message));
  const redis = await startRedis({
    config: Number.parseInt(version) >= 7 ? ["enable-debug-command local"] : [],
  });
  project.provide("redisUrl", redis.url);
  return () => redis.stop();
}
