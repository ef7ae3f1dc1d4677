import {
  fixedWindow,
  type LimitRule,
  slidingWindow,
  tokenBucket,
} from "@cardinal/redis-core/rate-limit";
import { Ratelimit } from "@upstash/ratelimit";
import { RateLimiterRedis } from "rate-limiter-flexible";
import type { Contender, ThroughputCase } from "../contender.ts";
import { openClient, openCore } from "./open-core.ts";
import { openRawScript } from "./raw-script.ts";
import { upstashOverIoredis } from "./upstash-over-ioredis.ts";

const limit = 1_000_000;
const identity = (index: number) => `member-${index % 10_000}`;

/** Allowed calls of ten thousand identities; the floor is a raw EVALSHA of the script that ours runs. */
export const limitFixed = allowCase("limit fixed", fixedWindow(limit, "1h"), [
  flexible,
  (url) => upstash(url, Ratelimit.fixedWindow(limit, "1h")),
]);
export const limitSliding = allowCase("limit sliding", slidingWindow(limit, "1h"), [
  (url) => upstash(url, Ratelimit.slidingWindow(limit, "1h")),
]);
export const limitBucket = allowCase("limit bucket", tokenBucket({ rate: limit, per: "1h" }), [
  (url) => upstash(url, Ratelimit.tokenBucket(limit, "1h", limit)),
]);

function allowCase(
  name: string,
  rule: LimitRule,
  peers: readonly ((redisUrl: string) => Promise<Contender>)[],
): ThroughputCase {
  return {
    name,
    unit: "ops/s",
    async setUp(redisUrl) {
      const { core, close } = await openCore(redisUrl);
      const limiter = core.limiter("bench", { user: rule });
      const raw = await openRawScript(redisUrl, (recorded, user) =>
        recorded.limiter("bench", { user: rule }).limit({ user }),
      );
      return [
        { name: "ours", operate: (index) => limiter.limit({ user: identity(index) }), close },
        ...(await Promise.all(peers.map((open) => open(redisUrl)))),
        { name: "floor", operate: (index) => raw.run(identity(index)), close: raw.close },
      ];
    },
  };
}

async function flexible(redisUrl: string): Promise<Contender> {
  const client = await openClient(redisUrl);
  const limiter = new RateLimiterRedis({ storeClient: client, points: limit, duration: 3_600 });
  return {
    name: "rate-limiter-flexible",
    operate: (index) => limiter.consume(identity(index)),
    close: () => client.disconnect(),
  };
}

async function upstash(redisUrl: string, algorithm: ReturnType<typeof Ratelimit.fixedWindow>): Promise<Contender> {
  const client = await openClient(redisUrl);
  // Its deadline and its block cache are switched off: the first is a timer a call, the second serves denials.
  const options = { limiter: algorithm, timeout: 0, ephemeralCache: false } as const;
  const limiter = new Ratelimit({ redis: upstashOverIoredis(client), prefix: "upstash", ...options });
  return {
    name: "@upstash/ratelimit",
    operate: (index) => limiter.limit(identity(index)),
    close: () => client.disconnect(),
  };
}
