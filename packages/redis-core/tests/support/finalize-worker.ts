import { connectRedis } from "@cardinal/redis-core/connection";
import { createRedisCore } from "../../src/core.ts";
import type { FinalizeResult, Season } from "../../src/leaderboard/index.ts";
import { openEffects } from "./effects-database.ts";

/** Where a payer stands still, to be killed or stopped there. */
export type PayStep = "before-transaction" | "before-commit" | "after-commit";

export interface FinalizeTask {
  readonly season: Season;
  readonly standStillAt?: PayStep;
}

export type FinalizeAnswer = { readonly standsAt: PayStep } | { readonly state: FinalizeResult["state"] };

const [url = "", prefix = "", path = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 5_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });
const board = core.leaderboard("arena", { update: "set", periods: ["season"], archive: { winners: 3 } });
const effects = openEffects(path);

const pause = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });

/** Finalizes until it is done, by whomever. */
async function finalize({ season, standStillAt }: FinalizeTask): Promise<FinalizeAnswer> {
  const passStep = async (step: PayStep) => {
    if (step === standStillAt) {
      process.send?.({ standsAt: step } satisfies FinalizeAnswer);
      // Until the parent's next word: one that is killed never gets it.
      await new Promise((resolve) => {
        process.once("message", resolve);
      });
    }
  };
  for (;;) {
    const result = await board.finalize(
      { season },
      async ({ id, claim, winners }) => {
        await passStep("before-transaction");
        await effects.write(async () => {
          if (!effects.notePaid(id, claim)) {
            return false;
          }
          for (const { member, rank } of winners) {
            effects.addPrize(id, member, rank);
          }
          await passStep("before-commit");
          return true;
        });
        await passStep("after-commit");
      },
      { lease: 600 },
    );
    if (result.state !== "busy") {
      return { state: result.state };
    }
    await pause(Math.max(1, Math.min(100, result.untilMs - Date.now())));
  }
}

process.on("message", (task: FinalizeTask | "go on") => {
  if (task !== "go on") {
    void finalize(task).then((answer) => process.send?.(answer));
  }
});
process.send?.("ready");
