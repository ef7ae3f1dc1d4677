import { outboxQueries, type JsonObject, type WriteTransaction } from "@cardinal/db";
import type { JobContract, JobInput } from "../define-job.ts";

/** The largest payload in bytes of JSON: a job carries ids, not documents. */
const maxPayloadBytes = 64 * 1024;

export type EnqueueOptions = {
  /** Jobs with one key run one after the other, in the order of their commits. */
  orderingKey?: string;
  /** The member on whose behalf the job runs: fairness, and who may see it. */
  ownerId?: string;
  /** Not before this instant, epoch milliseconds. */
  runAtMs?: number;
  /** Jobs with one key have their effect once, all together. Each job has a key of its own by default. */
  jobKey?: string;
  /** The clock, for tests. */
  nowMs?: number;
};

/**
 * Writes a job into the caller's transaction: it runs if and only if that transaction commits. This is the only way
 * to start a job. Ring the doorbell (`createOutboxDoorbell`) after the commit and it starts at once; without that it
 * starts within a second.
 *
 * Throws `ZodError` when the payload does not fit the contract and `RangeError` when it is over 64 KiB; both are
 * faults of the caller.
 *
 * ```ts
 * await db.write((tx) => {
 *   const user = userQueries.insert(tx, input);
 *   enqueue(tx, sendWelcomeEmail, { userId: user.id }, { ownerId: user.id });
 * });
 * doorbell.ring();
 * ```
 */
export function enqueue<Job extends JobContract>(
  tx: WriteTransaction,
  job: Job,
  payload: JobInput<Job>,
  options: EnqueueOptions = {},
): { jobId: string } {
  const { orderingKey, ownerId, runAtMs, jobKey, nowMs = Date.now() } = options;
  const row = outboxQueries.insert(tx, {
    queue: job.queue,
    jobName: job.name,
    payloadVersion: job.version,
    payload: toStoredPayload(job, payload),
    nowMs,
    ...(orderingKey === undefined ? {} : { orderingKey }),
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(runAtMs === undefined ? {} : { runAtMs }),
    ...(jobKey === undefined ? {} : { jobKey }),
  });
  return { jobId: row.id };
}

function toStoredPayload(job: JobContract, payload: unknown): JsonObject {
  const text = JSON.stringify(job.payload.parse(payload));
  if (Buffer.byteLength(text) > maxPayloadBytes) {
    throw new RangeError(`the payload of ${job.name} is over ${maxPayloadBytes} bytes`);
  }
  const stored: JsonObject = JSON.parse(text);
  return stored;
}
