import { roomEventQueries, type Database } from "@cardinal/db";
import { defineHandler, trimRoomLog, type JobHandlerEntry } from "@cardinal/jobs";
import { trimInBatches } from "./trim-in-batches.ts";

const dayMs = 24 * 60 * 60 * 1_000;

/** Takes old events out of the rooms' logs, room by room. Stopped halfway, the next run goes on from there. */
export function trimRoomLogHandler(deps: { db: Database }): JobHandlerEntry {
  return defineHandler(trimRoomLog, async ({ payload, jobId, log, signal }) => {
    const kept = { olderThanMs: Date.now() - payload.keepDays * dayMs, keepLast: payload.keepEvents };
    const roomIds = await deps.db.read((tx) => roomEventQueries.listToTrim(tx, kept));
    let events = 0;
    for (const roomId of roomIds) {
      events += await trimInBatches(signal, (limit) =>
        deps.db.write((tx) => roomEventQueries.trim(tx, { roomId, ...kept, limit })),
      );
    }
    log.info({ jobId, rooms: roomIds.length, events }, "old events of rooms trimmed");
  });
}
