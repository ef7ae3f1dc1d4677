import type { BenchmarkCase } from "../contender.ts";
import { openClient, openCore } from "./open-core.ts";

const pages = 50;
const visitors = 5_000;
const path = (index: number) => `/page-${index % pages}`;
const visitor = (index: number) => `member-${index % visitors}`;

/**
 * One view of a page. Ours counts it by hour, day and page with visitors, visit, bounce and four dimensions; the
 * floor is what people write by hand, in its usual three round trips: total, visitors, hours. No library that counts
 * page views in Redis is maintained.
 */
export const analyticsTrack: BenchmarkCase = {
  name: "analytics track",
  unit: "ops/s",
  async setUp(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const site = core.analytics("bench");
    const floorClient = await openClient(redisUrl);
    return [
      {
        name: "ours",
        operate: (index) =>
          site.track({
            path: path(index),
            visitor: { member: visitor(index) },
            referrer: "news.example",
            country: "NP",
            device: "desktop",
            browser: "Firefox",
          }),
        close,
      },
      {
        name: "floor",
        operate: async (index) => {
          const now = new Date();
          const date = now.toISOString().slice(0, 10);
          await floorClient.incr(`floor:views:${path(index)}:${date}`);
          await floorClient.pfadd(`floor:visitors:${path(index)}:${date}`, visitor(index));
          await floorClient.hincrby(`floor:hours:${path(index)}:${date}`, String(now.getUTCHours()), 1);
        },
        close: () => floorClient.disconnect(),
      },
    ];
  },
};
