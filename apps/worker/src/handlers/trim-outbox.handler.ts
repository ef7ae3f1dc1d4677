import { jobEffectQueries, mailQueries, outboxQueries, type Database } from "@cardinal/db";
import { defineHandler, trimOutbox, type JobHandlerEntry } from "@cardinal/jobs";
import { trimInBatches } from "./trim-in-batches.ts";

const dayMs = 24 * 60 * 60 * 1_000;

/** Deletes jobs that ended, their effects and stored mails. Dead letters stay three times as long. */
export function trimOutboxHandler(deps: { db: Database }): JobHandlerEntry {
  return defineHandler(trimOutbox, async ({ payload, jobId, log, signal }) => {
    const doneBeforeMs = Date.now() - payload.keepDays * dayMs;
    const deadBeforeMs = Date.now() - 3 * payload.keepDays * dayMs;
    const jobs = await trimInBatches(signal, (limit) =>
      deps.db.write((tx) => outboxQueries.deleteClosed(tx, { doneBeforeMs, deadBeforeMs, limit })),
    );
    await deps.db.write((tx) => jobEffectQueries.deleteOlder(tx, doneBeforeMs));
    const mails = await trimInBatches(signal, (limit) =>
      deps.db.write((tx) => mailQueries.deleteOlder(tx, doneBeforeMs, limit)),
    );
    log.info({ jobId, jobs, mails }, "ended jobs and old mails trimmed");
  });
}
