import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { findRedisServer } from "../redis/find-redis-server.ts";
import { startRedis } from "../redis/start-redis.ts";
import "./vitest-context.ts";

/**
 * Starts the one Redis of a test run before the first test file and stops it after the last. Temporary folders
 * of the tests lie in that Redis' folder, so what a test that failed or was killed left there goes with it, even
 * when the whole run is killed.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { version } = await findRedisServer((message) => console.log(message));
  const redis = await startRedis({
    config: Number.parseInt(version) >= 7 ? ["enable-debug-command local"] : [],
  });
  project.provide("redisUrl", redis.url);
  // What `os.tmpdir()` reads, in the test files' processes too.
  const folder = join(redis.dir, "tmp");
  mkdirSync(folder);
  process.env["TMPDIR"] = folder;
  return () => redis.stop();
}
