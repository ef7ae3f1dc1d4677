import { type RedisTarget, createRedisClient } from "@cardinal/redis-core/connection";
import { type Job, Worker } from "bullmq";
import type { JobLog } from "../job-log.ts";
import { scheduleTickName } from "../queue/sync-schedules.ts";
import { finishedJobRetention } from "../queue/job-queues.ts";
import { type QueueName, queueKeyPrefix } from "../queue-names.ts";
import { closeWorker } from "./close-worker.ts";
import { describeJobError } from "./job-errors.ts";
import { RetryLater, type RunJobDependencies, runJob } from "./run-job.ts";
import { type ScheduleTickDependencies, runScheduleTick } from "./run-schedule-tick.ts";

export type JobWorkerOptions = {
  queue: QueueName;
  /** Where the queues are. The worker opens two connections of its own: for commands and for waiting. */
  redis: RedisTarget | string;
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

export type JobWorker = {
  /** BullMQ's own worker, for what this file does not cover. */
  readonly bull: Worker<unknown, unknown, string>;
  /**
   * Takes no more jobs and resolves when the running ones have ended and BullMQ knows it, at the latest after
   * `timeoutMs`. While Redis is away it does not wait to tell BullMQ: the rows are closed, and the locks run out.
   * Calling it again waits for the same end.
   */
  close(options?: { timeoutMs?: number }): Promise<void>;
};

/** A BullMQ worker that runs the jobs of one queue by `runJob`. Starts at once, or when Redis appears. */
export function createJobWorker(options: JobWorkerOptions): JobWorker {
  const { queue, log, lockDurationMs = 30_000, stalledIntervalMs = 15_000 } = options;
  let running = 0;
  let closing: Promise<void> | null = null;
  const life = { isOver: false, endedConnections: 0 };
  const connection = createRedisClient({
    target: options.redis,
    purpose: "worker",
    name: `worker:${queue}`,
    keepTrying() {
      if (life.isOver) life.endedConnections += 1;
      return !life.isOver;
    },
  });
  // BullMQ listens to the same errors and reports them as the worker's.
  connection.on("error", () => undefined);
  const process = async (
    job: Job<unknown, unknown, string>,
    token: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<unknown> => {
    running += 1;
    try {
      if (job.name === scheduleTickName) return await runScheduleTick(options.tick, job);
      return await runJob(options.run, job, token, signal);
    } finally {
      running -= 1;
    }
  };
  const worker = new Worker<unknown, unknown, string>(queue, process, {
    connection,
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
  connection.on("ready", () => (lastError = ""));
  worker.on("error", (error) => {
    const reason = describeJobError(error);
    if (reason !== lastError && closing === null) log.error({ queue, error: reason }, "worker error");
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
  return {
    bull: worker,
    close({ timeoutMs = 25_000 } = {}) {
      closing ??= closeWorker({ worker, connection, life, isIdle: () => running === 0, timeoutMs });
      return closing;
    },
  };
}
