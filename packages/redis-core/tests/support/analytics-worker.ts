import { connectRedis } from "@cardinal/redis-core/connection";
import { createRedisCore } from "../../src/core.ts";
import type { PageView } from "../../src/analytics/index.ts";

export interface TrackTask {
  /** Views by each of the three ways: alone, many at once, through a buffer. */
  readonly views: number;
}

const [url = "", prefix = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 10_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });

process.on("message", ({ views }: TrackTask) => {
  const site = core.analytics("shop");
  const buffer = site.buffer({ size: 20, every: "50ms" });
  const viewOf = (number: number): PageView => ({
    path: `/page-${number % 7}`,
    visitor: { address: `10.0.0.${number % 40}`, userAgent: "Test/1" },
  });
  const work = async () => {
    for (let number = 0; number < views; number += 1) {
      buffer.add(viewOf(number));
      await site.track(viewOf(number));
    }
    await site.trackMany(Array.from({ length: views }, (_, number) => viewOf(number)));
    await core.close();
  };
  void work().then(() => process.send?.("done"));
});
process.send?.("ready");
