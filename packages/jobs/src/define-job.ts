import type { z } from "zod";
import type { QueueName } from "./queue-names.ts";

/** How a job is retried and when it is given up. */
export type JobOptions = {
  /** Failed runs until the job is dead. A crash of the worker is not a failed run and is counted apart. */
  attempts: number;
  /** Full jitter: before run n+1 the job waits a random time in [minMs, min(maxMs, minMs · 2^n)]. */
  backoff: { minMs: number; maxMs: number };
  /** The handler's signal aborts after this long and the run counts as failed. */
  timeoutMs: number;
};

/**
 * A job's contract: everything a producer needs and nothing of the handler.
 *
 * `version` is the payload's. Raise it when an old worker could not understand a new payload: rows with a newer
 * version than a worker knows are left for newer workers. Rows with an older one go through `upgrade` first.
 */
export type JobContract<Name extends string = string, Payload extends z.ZodType = z.ZodType> = {
  readonly name: Name;
  readonly queue: QueueName;
  readonly version: number;
  readonly payload: Payload;
  readonly options: JobOptions;
  readonly upgrade?: (payload: unknown, fromVersion: number) => unknown;
};

/** What a producer passes to `enqueue`. */
export type JobInput<Job extends JobContract> = z.input<Job["payload"]>;

/** What a handler receives: validated, defaults applied. */
export type JobPayload<Job extends JobContract> = z.output<Job["payload"]>;

const defaultOptions: JobOptions = {
  attempts: 5,
  backoff: { minMs: 1_000, maxMs: 5 * 60_000 },
  timeoutMs: 30_000,
};

/**
 * Declares a job. The name is verb-noun in kebab case and unique among all jobs (a test holds this).
 *
 * ```ts
 * export const sendWelcomeEmail = defineJob({
 *   name: "send-welcome-email", queue: "email", version: 1,
 *   payload: z.strictObject({ userId: z.string() }),
 * });
 * ```
 */
export function defineJob<const Name extends string, Payload extends z.ZodType>(definition: {
  name: Name;
  queue: QueueName;
  version: number;
  payload: Payload;
  options?: Partial<JobOptions>;
  upgrade?: (payload: unknown, fromVersion: number) => unknown;
}): JobContract<Name, Payload> {
  const { options, upgrade, ...rest } = definition;
  return {
    ...rest,
    options: { ...defaultOptions, ...options },
    ...(upgrade === undefined ? {} : { upgrade }),
  };
}
