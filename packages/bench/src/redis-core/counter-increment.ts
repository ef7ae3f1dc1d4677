import type { BenchmarkCase } from "../contender.ts";
import { openClient, openCore } from "./open-core.ts";

const items = 10_000;

/** A view of one of ten thousand items, beside a ZINCRBY without bound or expiry. */
export const counterIncrement: BenchmarkCase = {
  name: "counter increment",
  unit: "ops/s",
  async setUp(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const views = core.counter("bench-views");
    const client = await openClient(redisUrl);
    const item = (index: number) => `post-${index % items}`;
    return [
      { name: "ours", operate: (index) => views.increment(item(index)), close },
      {
        name: "floor",
        operate: (index) => client.zincrby("plain:views", 1, item(index)),
        close: () => client.disconnect(),
      },
    ];
  },
};

/** A view that counts once per viewer and hour, trends and waits for a flush, beside SET NX and ZINCRBY. */
export const counterView: BenchmarkCase = {
  name: "counter view",
  unit: "ops/s",
  async setUp(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const views = core.counter("bench-viewers", { trending: { halfLife: "6h" }, writeBehind: true });
    const client = await openClient(redisUrl);
    const item = (index: number) => `post-${index % items}`;
    return [
      {
        name: "ours",
        operate: (index) => views.increment(item(index), { viewer: `member-${index % 100_000}` }),
        close,
      },
      {
        name: "floor",
        operate: async (index) => {
          const seen = `plain:seen:${item(index)}:member-${index % 100_000}`;
          if ((await client.set(seen, "1", "PX", 3_600_000, "NX")) === "OK") {
            await client.zincrby("plain:viewers", 1, item(index));
          }
        },
        close: () => client.disconnect(),
      },
    ];
  },
};
