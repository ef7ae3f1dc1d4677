import { connectRedis } from "@cardinal/redis-core/connection";
import { createRedisCore } from "../../src/core.ts";
import type { LimitRule } from "../../src/rate-limit/index.ts";

export interface LimitTask {
  readonly rule: LimitRule;
  readonly identity: string;
  readonly calls: number;
  /** How many calls wait at once. */
  readonly parallel: number;
}

/** Redis' time of every call that passed. */
export type LimitTaskResult = readonly number[];

const [url = "", prefix = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 10_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });

process.on("message", ({ rule, identity, calls, parallel }: LimitTask) => {
  const limiter = core.limiter("race", { user: rule }, { blockCache: false, onUnavailable: "closed" });
  const passedAtMs: number[] = [];
  let left = calls;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const { allowed, source, resetAtMs, resetAfterMs } = await limiter.limit({ user: identity });
      if (source !== "redis") {
        throw new Error(`decided by ${source}`);
      }
      if (allowed) {
        passedAtMs.push(resetAtMs - resetAfterMs);
      }
    }
  };
  void Promise.all(Array.from({ length: parallel }, work)).then(() => process.send?.(passedAtMs));
});
process.send?.("ready");
