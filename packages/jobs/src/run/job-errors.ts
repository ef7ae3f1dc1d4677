/** Thrown by a handler whose job can never succeed: the job is dead at once, with the message as the reason. */
export class PermanentJobError extends Error {
  readonly code = "PERMANENT_JOB_ERROR";
  override readonly name = "PermanentJobError";
}

/** A handler ran past its job's `timeoutMs`. Counts as a failed run. */
export class JobTimeoutError extends Error {
  readonly code = "JOB_TIMEOUT";
  override readonly name = "JobTimeoutError";
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`the job ran longer than ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** One line, bounded: what is kept as a row's last error. */
export function describeJobError(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  // oxlint-disable-next-line no-control-regex -- control characters are what is replaced
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, " ").slice(0, 500);
}
