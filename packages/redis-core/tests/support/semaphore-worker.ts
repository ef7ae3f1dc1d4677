import { connectRedis } from "@cardinal/redis-core/connection";
import { createRedisCore } from "../../src/core.ts";

/** When a permit was certainly held, by the machine's monotonic clock. */
export interface PermitHeld {
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

const [url = "", prefix = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 5_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });
const semaphore = core.semaphore("encoder", { permits: 3, lease: "2s", wait: "30s" });

process.on("message", ({ calls, parallel }: { readonly calls: number; readonly parallel: number }) => {
  const held: PermitHeld[] = [];
  let left = calls;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      await semaphore.run(async () => {
        const fromNs = process.hrtime.bigint();
        await new Promise((resolve) => {
          setTimeout(resolve, 5);
        });
        held.push({ fromNs, toNs: process.hrtime.bigint() });
      });
    }
  };
  void Promise.all(Array.from({ length: parallel }, work)).then(() => process.send?.(held));
});
process.send?.("ready");
