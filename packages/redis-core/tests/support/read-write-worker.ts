import { connectRedis } from "@cardinal/redis-core/connection";
import { createRedisCore } from "../../src/core.ts";

/** When a side was certainly held, by the machine's monotonic clock. */
export interface SideHeld {
  readonly side: "read" | "write";
  readonly fromNs: bigint;
  readonly toNs: bigint;
  readonly token: bigint;
}

const [url = "", prefix = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 5_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });
const lock = core.rwLock("catalogue", { lease: "2s", wait: "30s" });

process.on("message", ({ calls, parallel }: { readonly calls: number; readonly parallel: number }) => {
  const held: SideHeld[] = [];
  let left = calls;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const side = left % 4 === 0 ? "write" : "read";
      await lock[side].run(async ({ token }) => {
        const fromNs = process.hrtime.bigint();
        await new Promise((resolve) => {
          setTimeout(resolve, 4);
        });
        held.push({ side, fromNs, toNs: process.hrtime.bigint(), token });
      });
    }
  };
  void Promise.all(Array.from({ length: parallel }, work)).then(() => process.send?.(held));
});
process.send?.("ready");
