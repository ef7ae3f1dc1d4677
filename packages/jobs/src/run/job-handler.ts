import type { WriteTransaction } from "@cardinal/db";
import type { z } from "zod";
import type { JobContract } from "../define-job.ts";
import type { JobLog } from "../job-log.ts";
import { describeJobError } from "./job-errors.ts";

/** What a handler wants changed in the database. Runs inside the transaction that marks the job done. */
export type JobEffect = (tx: WriteTransaction) => void;

export type JobContext<Payload> = {
  readonly payload: Payload;
  /** The outbox row. */
  readonly jobId: string;
  /** The same for every run of the job and for jobs enqueued under the same key: the idempotency key to pass on. */
  readonly jobKey: string;
  /** 1 for the first run; crashes are not counted. */
  readonly attempt: number;
  /** Aborts on time-out, on a lost lock and when the worker must stop. */
  readonly signal: AbortSignal;
  readonly log: JobLog;
  /** `progress` from 0 to 1. Returns at once; what comes too fast is conflated. */
  reportProgress(progress: number, message?: string): void;
};

/**
 * Does a job's slow work and returns its database effect. It may run more than once (a crash, a lost lock); the
 * effect commits once. Whatever it does outside the database carries `jobKey` as idempotency key. Throwing means
 * another try later; `PermanentJobError` means dead now.
 */
export type JobHandler<Payload> = (context: JobContext<Payload>) => Promise<JobEffect | void>;

/** The context before the payload is known. */
export type JobRunContext = Omit<JobContext<unknown>, "payload">;

export type PreparedJob =
  | { ok: true; run(context: JobRunContext): Promise<JobEffect | void> }
  | { ok: false; reason: string };

/** A contract with the code that does it, its payload type closed over. */
export type JobHandlerEntry = {
  readonly contract: JobContract;
  /** Upgrades and validates a stored payload; never throws. */
  prepare(payload: unknown, version: number): PreparedJob;
};

/** Joins a contract and its handler. */
export function defineHandler<Payload extends z.ZodType>(
  contract: JobContract<string, Payload>,
  handle: JobHandler<z.output<Payload>>,
): JobHandlerEntry {
  return {
    contract,
    prepare(stored, version) {
      try {
        const current = version < contract.version && contract.upgrade ? contract.upgrade(stored, version) : stored;
        const parsed = contract.payload.safeParse(current);
        if (!parsed.success) return { ok: false, reason: describeIssues(parsed.error) };
        const payload = parsed.data;
        return { ok: true, run: (context) => handle({ ...context, payload }) };
      } catch (error) {
        return { ok: false, reason: describeJobError(error) };
      }
    },
  };
}

function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join(".") || "payload"}: ${issue.message}`).join("; ");
}
