import type { JobEffect, JobHandlerEntry, JobLog } from "@cardinal/jobs";

const silent: JobLog = { debug() {}, info() {}, warn() {}, error() {} };

/** Runs a handler as the worker would, without a queue. */
export async function runHandler(entry: JobHandlerEntry, payload: unknown): Promise<JobEffect | void> {
  const prepared = entry.prepare(payload, entry.contract.version);
  if (!prepared.ok) throw new Error(prepared.reason);
  return prepared.run({
    jobId: "job",
    jobKey: "job",
    attempt: 1,
    signal: new AbortController().signal,
    log: silent,
    reportProgress: () => undefined,
  });
}
