import { oneTimeTokenQueries, sessionQueries, type Database } from "@cardinal/db";
import { defineHandler, trimSessions, type JobHandlerEntry } from "@cardinal/jobs";
import { trimInBatches } from "./trim-in-batches.ts";

/** Deletes session records and one-time tokens that have expired. */
export function trimSessionsHandler(deps: { db: Database }): JobHandlerEntry {
  return defineHandler(trimSessions, async ({ jobId, log, signal }) => {
    const nowMs = Date.now();
    const sessions = await trimInBatches(signal, (limit) =>
      deps.db.write((tx) => sessionQueries.deleteExpired(tx, nowMs, limit)),
    );
    const tokens = await deps.db.write((tx) => oneTimeTokenQueries.deleteExpired(tx, nowMs));
    log.info({ jobId, sessions, tokens }, "expired sessions trimmed");
  });
}
