import { connectRedis } from "@cardinal/redis-core/connection";
import { createRedisCore } from "../../src/core.ts";
import type { LimitRule } from "../../src/rate-limit/index.ts";
import { type MemberName, naiveSlidingLog } from "../naive/sliding-log.ts";

export interface LimitTask {
  readonly rule: LimitRule;
  readonly identity: string;
  readonly calls: number;
  /** How many calls wait at once. */
  readonly parallel: number;
  /** Runs the naive log in the place of the limiter. */
  readonly naive?: MemberName;
}

/** Redis' time of every call that passed; the process's own where the naive log ran. */
export type LimitTaskResult = readonly number[];

const [url = "", prefix = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 10_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });

/** The moment at which the call passed, or `null`. */
function createCall({ rule, identity, naive }: LimitTask): () => Promise<number | null> {
  if (naive) {
    const log = { limit: rule.limit, windowMs: rule.windowMs, member: naive };
    return async () => ((await naiveSlidingLog(redis.port, `${prefix}:${identity}`, log)) ? Date.now() : null);
  }
  const limiter = core.limiter("race", { user: rule }, { blockCache: false, onUnavailable: "closed" });
  return async () => {
    const { allowed, source, resetAtMs, resetAfterMs } = await limiter.limit({ user: identity });
    if (source !== "redis") {
      throw new Error(`decided by ${source}`);
    }
    return allowed ? resetAtMs - resetAfterMs : null;
  };
}

process.on("message", (task: LimitTask) => {
  const call = createCall(task);
  const passedAtMs: number[] = [];
  let left = task.calls;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const atMs = await call();
      if (atMs !== null) {
        passedAtMs.push(atMs);
      }
    }
  };
  void Promise.all(Array.from({ length: task.parallel }, work)).then(() => process.send?.(passedAtMs));
});
process.send?.("ready");
