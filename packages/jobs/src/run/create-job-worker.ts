import { type Job, Worker } from "bullmq";
import type { Cluster, Redis } from "ioredis";
import type { JobLog } from "../job-log.ts";
import { scheduleTickName } from "../queue/sync-schedules.ts";
import { finishedJobRetention } from "../queue/job-queues.ts";
import { type QueueName, queueKeyPrefix } from "../queue-names.ts";
import { describeJobError } from "./job-errors.ts";
import { RetryLater, type RunJobDependencies, runJob } from "./run-job.ts";
import { type ScheduleTickDependencies, runScheduleTick } from "./run-schedule-tick.ts";

export type JobWorkerOptions = {
  queue: QueueName;
  /** A client made for workers (`maxRetriesPerRequest: null`); BullMQ opens a second one beside it for waiting. */
  connection: Redis | Cluster;
  keyPrefix: string;
  concurrency: number;
  /** A worker that has not renewed a job's lock for this long is taken for dead. Default 30 s. */
  lockDurationMs?: number;
  /** How often locks that ran out are looked for. Default 15 s. */
  stalledIntervalMs?: number;
  run: RunJobDependencies;
  tick: ScheduleTickDependencies;
  log: JobLog;
  /** A job was given up by BullMQ itself, after crashes: a relay's `wakeToReconcile`. */
  onGivenUp: () => void;
  /** A job's lock ran out and another worker gets it. */
  onStalled?: (queue: QueueName) => void;
};

/** Lost locks a job survives; the crash after that makes it dead. Not the same as failed runs. */
export const maxCrashes = 3;

/** A BullMQ worker that runs the jobs of one queue by `runJob`. Starts at once, or when Redis appears. */
export function createJobWorker(options: JobWorkerOptions): Worker<unknown, unknown, string> {
  const { queue, log, lockDurationMs = 30_000, stalledIntervalMs = 15_000 } = options;
  const process = async (
    job: Job<unknown, unknown, string>,
    token: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<unknown> => {
    if (job.name === scheduleTickName) return runScheduleTick(options.tick, job);
    return runJob(options.run, job, token, signal);
  };
  const worker = new Worker<unknown, unknown, string>(queue, process, {
    connection: options.connection,
    prefix: queueKeyPrefix(options.keyPrefix),
    concurrency: options.concurrency,
    lockDuration: lockDurationMs,
    stalledInterval: stalledIntervalMs,
    maxStalledCount: maxCrashes,
    ...finishedJobRetention,
    metrics: { maxDataPoints: 60 * 24 * 7 },
    settings: {
      backoffStrategy: (attemptsMade, _type, error) =>
        error instanceof RetryLater ? error.delayMs : Math.min(60_000, 1_000 * 2 ** attemptsMade),
    },
  });
  let lastError = "";
  worker.on("error", (error) => {
    const reason = describeJobError(error);
    if (reason !== lastError) log.error({ queue, error: reason }, "worker error");
    lastError = reason;
  });
  worker.on("stalled", (bullJobId) => {
    log.warn({ queue, bullJobId }, "job stalled");
    options.onStalled?.(queue);
  });
  worker.on("lockRenewalFailed", (bullJobIds) => {
    for (const bullJobId of bullJobIds) worker.cancelJob(bullJobId, "the job's lock was lost");
  });
  worker.on("failed", (_job, error) => {
    if (/stalled more than/.test(error.message)) options.onGivenUp();
  });
  return worker;
}
