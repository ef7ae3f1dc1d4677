import { fixedWindow } from "@cardinal/redis-core/rate-limit";
import { Ratelimit } from "@upstash/ratelimit";
import { RateLimiterRedis } from "rate-limiter-flexible";
import type { ThroughputCase } from "../contender.ts";
import { openClient, openCore } from "./open-core.ts";
import { upstashOverIoredis } from "./upstash-over-ioredis.ts";

const identities = 100;
const identity = (index: number) => `member-${index % identities}`;

/** A denial of who was denied a moment ago, which each answers from its process's memory. */
export const limitDeny: ThroughputCase = {
  name: "limit deny",
  unit: "ops/s",
  async setUp(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const limiter = core.limiter("deny", { user: fixedWindow(1, "1h") });
    const flexibleClient = await openClient(redisUrl);
    const flexible = new RateLimiterRedis({
      storeClient: flexibleClient,
      points: 1,
      duration: 3_600,
      inMemoryBlockOnConsumed: 1,
      keyPrefix: "deny",
    });
    const upstashClient = await openClient(redisUrl);
    const upstash = new Ratelimit({
      redis: upstashOverIoredis(upstashClient),
      limiter: Ratelimit.fixedWindow(1, "1h"),
      prefix: "deny-upstash",
      ephemeralCache: new Map(),
      timeout: 0,
    });
    return [
      { name: "ours", operate: (index) => limiter.limit({ user: identity(index) }), close },
      {
        name: "rate-limiter-flexible",
        operate: (index) => flexible.consume(identity(index)).catch((denial: unknown) => denial),
        close: () => flexibleClient.disconnect(),
      },
      {
        name: "@upstash/ratelimit",
        operate: (index) => upstash.limit(identity(index)),
        close: () => upstashClient.disconnect(),
      },
    ];
  },
};
