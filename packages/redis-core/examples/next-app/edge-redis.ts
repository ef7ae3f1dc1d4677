import { createRedisCore } from "@cardinal/redis-core";
import { upstashPort } from "@cardinal/redis-core/upstash";
import { Redis } from "@upstash/redis/cloudflare";

const client = new Redis({
  url: process.env["UPSTASH_REDIS_REST_URL"] ?? "",
  token: process.env["UPSTASH_REDIS_REST_TOKEN"] ?? "",
  // The library decides what may be sent twice.
  retry: { retries: 0 },
});

/** For the middleware, which runs at the edge: over HTTP, to the same Redis and with the same keys as `redis.ts`. */
export const edgeRedisCore = createRedisCore({ redis: upstashPort(client), prefix: "next-app" });
