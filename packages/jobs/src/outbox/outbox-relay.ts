import { outboxQueries, type Database, type OutboxRow } from "@cardinal/db";
import type { JobContract } from "../define-job.ts";
import type { JobLog } from "../job-log.ts";
import type { JobSchedule } from "../job-schedules.ts";
import type { JobQueues } from "../queue/job-queues.ts";
import { syncSchedules } from "../queue/sync-schedules.ts";
import { describeJobError } from "../run/job-errors.ts";
import { addToQueue } from "./add-to-queue.ts";
import { reconcileQueued } from "./reconcile-queued.ts";
import { createWaker } from "./waker.ts";

export type OutboxRelayOptions = {
  db: Database;
  queues: JobQueues;
  log: JobLog;
  /** Contracts, for the number of attempts; a row without one is relayed all the same and dies in the worker. */
  jobs: readonly JobContract[];
  schedules?: readonly JobSchedule[];
  /** Without a ring the relay looks this often. Default 1 s. */
  pollMs?: number;
  /** How often queued rows are compared with BullMQ. Default 5 s; also after every reconnect. */
  reconcileEveryMs?: number;
  /** Rows of one owner that may be in BullMQ at once. Default 20. */
  maxQueuedPerOwner?: number;
  batchSize?: number;
  clock?: () => number;
};

export type OutboxRelay = {
  /** Relays what is due, then compares what is queued with BullMQ. What the loop does; for tests and commands. */
  runOnce(): Promise<void>;
  start(): void;
  /** Look now: rows have committed, or a job has ended that others waited for. Merges calls. */
  wake(): void;
  /** Compare with BullMQ at the next look, which is now. */
  wakeToReconcile(): void;
  /** Resolves when the look under way has ended. */
  stop(): Promise<void>;
};

/**
 * Carries outbox rows to BullMQ. The outbox is the queue; BullMQ holds a fair window of it:
 *
 * - a row is relayed when its time has come, no earlier row of its ordering key is open, and its owner has room;
 *   owners take turns. pending → queued commits first, so any number of relays on any number of processes take each
 *   row once;
 * - a crash between that commit and the add, or a Redis that came back empty, is healed by the comparison: queued
 *   rows whose job is gone are added again under the same id, which BullMQ ignores when the job is there after all;
 * - a job BullMQ gave up because its workers crashed makes its row dead with the reason `crashed`;
 * - schedules that are missing are written again.
 *
 * Without Redis nothing is claimed: rows stay pending until it is back.
 */
export function createOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  const { db, queues, log, pollMs = 1_000, reconcileEveryMs = 5_000, batchSize = 100 } = options;
  const { maxQueuedPerOwner = 20, schedules = [], clock = Date.now } = options;
  const contracts = new Map(options.jobs.map((job) => [job.name, job]));
  const waker = createWaker();
  let stopped = false;
  let loop: Promise<void> | null = null;
  let reconcileDueAt = 0;
  let hasSyncedSchedules = false;
  let isFailing = false;

  /** Claims what may go now. Looks without a lock first: most looks find nothing. */
  async function claim(): Promise<OutboxRow[]> {
    const list = { nowMs: clock(), limit: batchSize, perOwner: maxQueuedPerOwner };
    const found = await db.read((tx) => outboxQueries.listRelayable(tx, list).length);
    if (found === 0) return [];
    return db.write((tx) => {
      const rows = outboxQueries.listRelayable(tx, list);
      outboxQueries.markQueued(tx, rows.map(({ id }) => id), list.nowMs);
      return rows;
    });
  }

  async function relayDue(): Promise<void> {
    for (;;) {
      const rows = await claim();
      if (rows.length === 0) return;
      await addToQueue(queues, contracts, rows);
      log.debug({ rows: rows.length }, "outbox rows relayed");
    }
  }

  async function reconcile(): Promise<void> {
    await syncSchedules(queues, schedules, { removeOthers: !hasSyncedSchedules });
    hasSyncedSchedules = true;
    await reconcileQueued({ db, queues, contracts, log, clock });
  }

  async function runOnce(): Promise<void> {
    if (!queues.isReady()) return;
    await relayDue();
    if (performance.now() < reconcileDueAt) return;
    reconcileDueAt = performance.now() + reconcileEveryMs;
    await reconcile();
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        await runOnce();
        if (isFailing) log.info({}, "outbox relay works again");
        isFailing = false;
      } catch (error) {
        if (!isFailing) log.error({ error: describeJobError(error) }, "outbox relay failed, trying again");
        isFailing = true;
        reconcileDueAt = 0;
        waker.clear();
      }
      await waker.wait(pollMs);
    }
  }

  const wakeToReconcile = (): void => {
    reconcileDueAt = 0;
    waker.wake();
  };
  let stopListening = (): void => undefined;

  return {
    runOnce,
    start() {
      stopListening = queues.onReady(wakeToReconcile);
      loop ??= run();
    },
    wake: () => waker.wake(),
    wakeToReconcile,
    async stop() {
      stopped = true;
      stopListening();
      waker.wake();
      await loop;
    },
  };
}
