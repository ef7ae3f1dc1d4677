import type { Database } from "@cardinal/db";
import {
  type JobHandlerEntry,
  type JobLog,
  type JobRunReport,
  type JobSchedule,
  type OutboxRelay,
  type ProgressSink,
  createJobWorker,
} from "@cardinal/jobs";
import type { WorkerConfig } from "./config.ts";
import type { WorkerMetrics } from "./metrics/worker-metrics.ts";

export type Workers = {
  /** Takes no more jobs and resolves when the running ones have ended and are settled in Redis. */
  close(): Promise<void>;
};

/** One BullMQ worker for each queue this process has handlers for. The queue `image` has none yet. */
export function createWorkers(deps: {
  config: WorkerConfig;
  db: Database;
  handlers: ReadonlyMap<string, JobHandlerEntry>;
  schedules: readonly JobSchedule[];
  relay: Pick<OutboxRelay, "wake" | "wakeToReconcile">;
  publishProgress: ProgressSink;
  metrics: WorkerMetrics;
  onRun: (report: JobRunReport) => void;
  stopping: AbortSignal;
  log: JobLog;
}): Workers {
  const { config, db, log, relay, metrics } = deps;
  const { concurrency, lockDurationMs, stalledIntervalMs } = config.jobs;
  const workers = (["email", "maintenance"] as const).map((queue) =>
    createJobWorker({
      queue,
      redis: config.redis.url,
      keyPrefix: config.redis.keyPrefix,
      concurrency: concurrency[queue],
      lockDurationMs,
      stalledIntervalMs,
      log,
      run: {
        db,
        log,
        handlers: deps.handlers,
        stopping: deps.stopping,
        publishProgress: deps.publishProgress,
        onRun(report, row) {
          metrics.onRun(report);
          deps.onRun(report);
          const hasEnded = report.outcome === "completed" || report.outcome === "dead" || report.outcome === "skipped";
          if (hasEnded && (row.orderingKey !== null || row.ownerId !== null)) relay.wake();
        },
      },
      tick: { db, log, schedules: deps.schedules, onEnqueued: () => relay.wake() },
      onGivenUp: () => relay.wakeToReconcile(),
      onStalled: (name) => metrics.onStalled(name),
    }),
  );
  return {
    async close() {
      await Promise.all(workers.map((worker) => worker.close({ timeoutMs: config.stopTimeoutMs })));
    },
  };
}
