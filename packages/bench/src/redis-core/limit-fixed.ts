import { fixedWindow } from "@cardinal/redis-core/rate-limit";
import { RateLimiterRedis } from "rate-limiter-flexible";
import type { ThroughputCase } from "../contender.ts";
import { openClient, openCore } from "./open-core.ts";

/** An allowed call of a fixed window, ten thousand identities. */
export const limitFixed: ThroughputCase = {
  name: "limit fixed",
  unit: "ops/s",
  async setUp(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const limiter = core.limiter("bench", { user: fixedWindow(1_000_000, "1h") });
    const peerClient = await openClient(redisUrl);
    const peer = new RateLimiterRedis({ storeClient: peerClient, points: 1_000_000, duration: 3_600 });
    const identity = (index: number) => `member-${index % 10_000}`;
    return [
      { name: "ours", operate: (index) => limiter.limit({ user: identity(index) }), close },
      {
        name: "rate-limiter-flexible",
        operate: (index) => peer.consume(identity(index)),
        close: () => peerClient.disconnect(),
      },
    ];
  },
};
