import { connectRedis } from "@cardinal/redis-core/connection";
import { createRedisCore } from "../../src/core.ts";
import { openEffects } from "./effects-database.ts";

export type FlushStep = "claimed" | "before-commit" | "committed" | "acknowledged";

export interface FlushTask {
  readonly standStillAt?: FlushStep;
  /** How many claims pass before it stands still. */
  readonly after?: number;
}

const [url = "", prefix = "", path = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 5_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });
const views = core.counter("views", { writeBehind: true });
const effects = openEffects(path);

/** Flushes until nothing is left; answers where it stands still, or what it did. */
async function flush({ standStillAt, after = 0 }: FlushTask): Promise<FlushStep | number> {
  let claims = 0;
  const passStep = async (step: FlushStep) => {
    if (step === standStillAt && claims >= after) {
      process.send?.(step);
      await new Promise(() => {});
    }
  };
  let done = 0;
  for (;;) {
    const result = await views.flush(
      async ({ counter, number, counts }) => {
        await passStep("claimed");
        await effects.write(async () => {
          if (!effects.noteFlushed(counter, number)) {
            return false;
          }
          for (const [item, count] of counts) {
            effects.addTotal(item, count);
          }
          await passStep("before-commit");
          return true;
        });
        await passStep("committed");
        claims += 1;
      },
      { batch: 7, lease: 300 },
    );
    await passStep("acknowledged");
    done += result.claims;
    if (result.busyUntilMs === null) {
      return done;
    }
    const waitMs = Math.max(1, result.busyUntilMs - Date.now());
    await new Promise((resolve) => {
      setTimeout(resolve, waitMs);
    });
  }
}

process.on("message", (task: FlushTask) => {
  void flush(task).then((answer) => process.send?.(answer));
});
process.send?.("ready");
