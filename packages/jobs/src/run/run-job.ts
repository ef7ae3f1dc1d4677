import { jobEffectQueries, outboxQueries, type Database, type OutboxRow } from "@cardinal/db";
import { DelayedError, type Job, UnrecoverableError, WaitingError } from "bullmq";
import { jobTicketSchema } from "../queue/job-ticket.ts";
import type { JobLog } from "../job-log.ts";
import { jobBackoffMs } from "./job-backoff.ts";
import { JobTimeoutError, PermanentJobError, describeJobError } from "./job-errors.ts";
import type { JobEffect, JobHandlerEntry } from "./job-handler.ts";
import { type ProgressSink, conflateProgress } from "./job-progress.ts";

/** How one run ended. `skipped`: another run had the effect already; `deferred`: left for a newer worker. */
export type JobOutcome = "completed" | "retried" | "dead" | "skipped" | "deferred" | "requeued";

export type JobRunReport = { queue: string; job: string; outcome: JobOutcome; durationMs: number; waitedMs: number };

export type RunJobDependencies = {
  db: Database;
  handlers: ReadonlyMap<string, JobHandlerEntry>;
  log: JobLog;
  /** Aborts shortly before the process must end: running jobs are then given back without counting the run. */
  stopping: AbortSignal;
  publishProgress: ProgressSink;
  /** Called once for every run, after it was settled. */
  onRun?: (report: JobRunReport, row: OutboxRow) => void;
  clock?: () => number;
};

/** How long a job with a newer payload version is put aside before the next worker looks at it. */
const newerVersionDelayMs = 15_000;

/** Thrown to BullMQ for a run that failed and is tried again after `delayMs`. */
export class RetryLater extends Error {
  override readonly name = "RetryLater";
  readonly delayMs: number;

  constructor(delayMs: number, cause: unknown) {
    super(describeJobError(cause), { cause });
    this.delayMs = delayMs;
  }
}

/**
 * Runs one job of BullMQ against its outbox row, the truth of what is to be done:
 *
 * - An unknown name, or a payload that does not fit its contract, is dead at once with the reason. A payload of a
 *   newer version than this worker knows is put aside for newer workers and counts as no attempt.
 * - The handler's database effect, the `job_effect` row and the state `done` commit in one transaction. A second run,
 *   after a crash or beside a worker that was paused past its lock, finds the row closed or the effect there and
 *   changes nothing.
 * - A failed run counts in the row; after the contract's attempts the row is dead. A crash leaves no trace here and
 *   is counted by BullMQ apart.
 */
export async function runJob(
  deps: RunJobDependencies,
  job: Job<unknown, unknown, string>,
  token: string | undefined,
  lockSignal: AbortSignal | undefined,
): Promise<JobOutcome> {
  const clock = deps.clock ?? Date.now;
  const startedAtMs = clock();
  const ticket = jobTicketSchema.safeParse(job.data);
  const row = ticket.success
    ? await deps.db.read((tx) => outboxQueries.find(tx, ticket.data.outboxId))
    : undefined;
  if (row === undefined) {
    deps.log.error({ queue: job.queueName, job: job.name, bullJobId: job.id }, "job without an outbox row");
    throw new UnrecoverableError("no outbox row stands behind this job");
  }

  const report = (outcome: JobOutcome, error?: unknown): JobOutcome => {
    const durationMs = clock() - startedAtMs;
    const waitedMs = Math.max(0, startedAtMs - Math.max(row.runAtMs, row.createdAtMs));
    const fields = {
      queue: row.queue,
      job: row.jobName,
      jobId: row.id,
      attempt: row.attempts + 1,
      durationMs,
      waitedMs,
      ...(error === undefined ? {} : { error: describeJobError(error) }),
    };
    const level = outcome === "dead" ? "error" : outcome === "retried" ? "warn" : "info";
    deps.log[level](fields, `job ${outcome}`);
    deps.onRun?.({ queue: row.queue, job: row.jobName, outcome, durationMs, waitedMs }, row);
    return outcome;
  };
  if (row.state !== "queued") return report("skipped");

  const progress = conflateProgress(async (message) => {
    if (message.progress !== null) await job.updateProgress({ progress: message.progress, message: message.message });
    await deps.publishProgress(message);
  });
  const tell = (state: OutboxRow["state"], fraction: number | null, message: string | null): void =>
    progress.report({ jobId: row.id, state, progress: fraction, message });

  const settleFailure = async (error: unknown): Promise<JobOutcome> => {
    const options = deps.handlers.get(row.jobName)?.contract.options;
    const attempts = row.attempts + 1;
    const isDead = error instanceof PermanentJobError || options === undefined || attempts >= options.attempts;
    const failure = { attempts, error: describeJobError(error), nowMs: clock() };
    const isOurs = await deps.db.write((tx) =>
      isDead ? outboxQueries.markDead(tx, row.id, failure) : outboxQueries.recordFailure(tx, row.id, failure),
    );
    if (!isOurs) return report("skipped", error);
    tell(isDead ? "dead" : "queued", null, isDead ? "failed" : "waits for another try");
    await progress.flush();
    report(isDead ? "dead" : "retried", error);
    if (isDead) throw new UnrecoverableError(describeJobError(error));
    throw new RetryLater(jobBackoffMs(options.backoff, attempts), error);
  };

  const handler = deps.handlers.get(row.jobName);
  if (handler === undefined) return settleFailure(new PermanentJobError(`unknown job "${row.jobName}"`));
  if (row.payloadVersion > handler.contract.version) {
    await job.moveToDelayed(clock() + newerVersionDelayMs, token);
    report("deferred");
    throw new DelayedError();
  }
  const prepared = handler.prepare(row.payload, row.payloadVersion);
  if (!prepared.ok) return settleFailure(new PermanentJobError(`bad payload: ${prepared.reason}`));

  const { options } = handler.contract;
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([timeout, deps.stopping, ...(lockSignal === undefined ? [] : [lockSignal])]);
  tell("queued", null, "running");
  try {
    const effect = await untilAborted(
      prepared.run({
        jobId: row.id,
        jobKey: row.jobKey,
        attempt: row.attempts + 1,
        signal,
        log: deps.log,
        reportProgress: (fraction, message) => tell("queued", Math.min(1, Math.max(0, fraction)), message ?? null),
      }),
      signal,
    );
    const isFirst = await deps.db.write((tx) => commitEffect(tx, row, effect, clock()));
    tell("done", 1, null);
    await progress.flush();
    return report(isFirst ? "completed" : "skipped");
  } catch (error) {
    if (deps.stopping.aborted) {
      await job.moveToWait(token);
      report("requeued");
      throw new WaitingError();
    }
    return settleFailure(timeout.aborted ? new JobTimeoutError(options.timeoutMs) : error);
  }
}

/** One transaction: the effect, its unique proof and the row's end. False when another run was first. */
function commitEffect(
  tx: Parameters<JobEffect>[0],
  row: OutboxRow,
  effect: JobEffect | void,
  nowMs: number,
): boolean {
  if (!outboxQueries.markDone(tx, row.id, { attempts: row.attempts + 1, nowMs })) return false;
  if (!jobEffectQueries.insertOnce(tx, { jobKey: row.jobKey, outboxId: row.id, nowMs })) return false;
  effect?.(tx);
  return true;
}

/** The work's result, or the signal's reason as soon as it aborts: a handler that ignores its signal holds nobody. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
    work.catch(() => undefined);
    aborted.promise.catch(() => undefined);
  }
}
