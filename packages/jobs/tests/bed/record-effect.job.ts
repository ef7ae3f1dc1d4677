import { auditQueries } from "@cardinal/db";
import { z } from "zod";
import { type JobContext, type JobEffect, type JobHandlerEntry, defineHandler, defineJob } from "../../src/index.ts";

/** A job whose effect is one audit line: doing it twice would show. */
export const recordEffect = defineJob({
  name: "record-effect",
  queue: "maintenance",
  version: 2,
  payload: z.strictObject({ label: z.string() }),
  options: { attempts: 3, backoff: { minMs: 1, maxMs: 5 }, timeoutMs: 20_000 },
});

export type RecordEffectContext = JobContext<{ label: string }>;

export function effectOf({ payload, jobId }: Pick<RecordEffectContext, "payload" | "jobId">): JobEffect {
  return (tx) => {
    auditQueries.insert(tx, {
      actorId: null,
      action: "effect",
      subjectKind: "job",
      subjectId: jobId,
      details: { label: payload.label },
      nowMs: Date.now(),
    });
  };
}

export function recordEffectHandler(
  work: (context: RecordEffectContext) => Promise<void> = async () => undefined,
): JobHandlerEntry {
  return defineHandler(recordEffect, async (context) => {
    await work(context);
    return effectOf(context);
  });
}
