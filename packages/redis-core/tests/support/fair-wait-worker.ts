import { connectRedis } from "@cardinal/redis-core/connection";
import { createRedisCore } from "../../src/core.ts";
import { slidingWindowLog } from "../../src/rate-limit/index.ts";

const [url = "", prefix = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 10_000 });
await redis.ready();
const limiter = createRedisCore({ redis: redis.port, prefix }).limiter("api", { user: slidingWindowLog(1, 300) });

process.on("message", (keys: { readonly user: string }) => {
  void limiter.wait(keys, { timeout: "2h", fair: true });
});
process.send?.("ready");
