import { startRedis } from "@cardinal/dev";
import { expect, test } from "vitest";
import { checkRedisSetup } from "../src/doctor/redis-check.ts";

test("the doctor says what is wrong with a Redis, and how to mend it", async () => {
  await using sound = await startRedis({ config: ["maxmemory 50mb"], appendonly: true });
  await using evicting = await startRedis({ config: ["maxmemory 50mb", "maxmemory-policy allkeys-lru"] });
  const check = (url: string) => checkRedisSetup({ kind: "external", url, variable: "REDIS_URL" }, {});
  const fine = await check(sound.url);
  expect(fine.ok).toBe(true);
  expect(fine.found).toContain("the user default needs no password");
  const failed = await check(evicting.url);
  expect(failed.ok).toBe(false);
  expect(failed.found).toContain("maxmemory-policy is allkeys-lru");
  expect(failed.fix).toContain("set maxmemory-policy noeviction");
  await sound.stop();
  expect(await check(sound.url)).toMatchObject({ ok: false, found: expect.stringContaining("Redis is away") });
});
