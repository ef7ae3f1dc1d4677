import { outboxQueries, type Database, type OutboxRow } from "@cardinal/db";
import type { JobContract } from "../define-job.ts";
import type { JobLog } from "../job-log.ts";
import type { JobQueues } from "../queue/job-queues.ts";
import { bullJobId } from "../queue/job-ticket.ts";
import { addToQueue, queueOfRow } from "./add-to-queue.ts";

const pageSize = 200;

type Verdict = "fine" | "gone" | "crashed" | "stale";

/**
 * Compares every queued row with its job in BullMQ: a job that is gone is added again, one that BullMQ gave up because
 * its workers crashed makes the row dead, one that ended without closing its row (the worker could not reach the
 * database) is added afresh. Reads a page of rows at a time, one round trip a page.
 */
export async function reconcileQueued(options: {
  db: Database;
  queues: JobQueues;
  contracts: ReadonlyMap<string, JobContract>;
  log: JobLog;
  clock: () => number;
}): Promise<void> {
  const { db, queues, contracts, log, clock } = options;
  let afterPosition = 0;
  for (;;) {
    const from = afterPosition;
    const rows = await db.read((tx) => outboxQueries.listQueued(tx, { afterPosition: from, limit: pageSize }));
    const last = rows.at(-1);
    if (last === undefined) return;
    afterPosition = last.position;

    const judged = await Promise.all(rows.map(async (row) => ({ row, ...(await judge(queues, row)) })));
    for (const { row, reason } of judged.filter(({ verdict }) => verdict === "crashed")) {
      await buryCrashed(db, log, row, reason, clock());
    }
    const lost = judged.filter(({ verdict }) => verdict === "gone" || verdict === "stale");
    const open = await stillQueued(db, lost.map(({ row }) => row));
    if (open.length === 0) continue;
    const stale = new Set(lost.filter(({ verdict }) => verdict === "stale").map(({ row }) => row.id));
    await Promise.all(
      open.filter((row) => stale.has(row.id)).map((row) => queues.get(queueOfRow(row)).remove(bullJobId(row.id))),
    );
    await addToQueue(queues, contracts, open);
    log.info({ rows: open.length }, "queued outbox rows were missing from the queue and added again");
  }
}

async function judge(queues: JobQueues, row: OutboxRow): Promise<{ verdict: Verdict; reason: string }> {
  const job = await queues.get(queueOfRow(row)).getJob(bullJobId(row.id));
  if (job === undefined) return { verdict: "gone", reason: "" };
  if (job.finishedOn === undefined) return { verdict: "fine", reason: "" };
  // The one way BullMQ itself gives a job up: its lock was lost more than `maxStalledCount` times. What ended before
  // the row was last queued is of an earlier life of the row.
  const isCrashed = /stalled more than/.test(job.failedReason ?? "") && job.finishedOn >= row.updatedAtMs;
  return { verdict: isCrashed ? "crashed" : "stale", reason: job.failedReason ?? "" };
}

/** A row may have been closed between the two reads; what is closed is left alone. */
async function stillQueued(db: Database, rows: readonly OutboxRow[]): Promise<OutboxRow[]> {
  if (rows.length === 0) return [];
  return db.read((tx) =>
    rows.filter((row) => outboxQueries.find(tx, row.id)?.state === "queued"),
  );
}

async function buryCrashed(db: Database, log: JobLog, row: OutboxRow, reason: string, nowMs: number): Promise<void> {
  const lastError = `crashed: ${reason}`;
  const isOurs = await db.write((tx) =>
    outboxQueries.markDead(tx, row.id, { attempts: row.attempts, error: lastError, nowMs }),
  );
  if (isOurs) log.error({ queue: row.queue, job: row.jobName, jobId: row.id, error: lastError }, "job dead");
}
