/**
 * Prints what the monitor's check finds about the Redis of REDIS_URL and REDIS_CACHE_URL, as JSON, for
 * `pnpm doctor`.
 */
import { connectRedis } from "../../src/connection/index.ts";
import { createRedisCore } from "../../src/core.ts";
import { readEnv } from "./env.ts";

const { url, cacheUrl } = readEnv();
await using redis = connectRedis({ target: url });
await using cacheRedis = cacheUrl === url ? null : connectRedis({ target: cacheUrl, role: "cache" });
const patience = AbortSignal.timeout(2_000);
await Promise.allSettled([redis.ready(patience), cacheRedis?.ready(patience)]);
const core = createRedisCore({
  redis: redis.port,
  ...(cacheRedis === null ? {} : { cacheRedis: cacheRedis.port }),
  prefix: "doctor",
});
const { findings } = await core.monitor().check();
console.log(JSON.stringify(findings));
