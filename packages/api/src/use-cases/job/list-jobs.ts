import { outboxQueries, userQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { Job, JobState } from "../../routers/job/schemas.ts";

interface ListJobsInput {
  readonly userId: string;
  readonly state?: JobState | undefined;
  readonly limit: number;
}

/** The caller's own jobs, newest first; an admin sees everybody's. */
export async function listJobs(deps: Pick<AppDeps, "db">, input: ListJobsInput): Promise<Job[]> {
  const rows = await deps.db.read((tx) => {
    const isAdmin = userQueries.findById(tx, input.userId)?.role === "admin";
    return outboxQueries.list(tx, {
      ownerId: isAdmin ? undefined : input.userId,
      state: input.state,
      limit: input.limit,
    });
  });
  return rows.map((row) => ({
    id: row.id,
    name: row.jobName,
    queue: row.queue,
    state: row.state,
    attempts: row.attempts,
    createdAtMs: row.createdAtMs,
    updatedAtMs: row.updatedAtMs,
    runAtMs: row.runAtMs,
    lastError: row.lastError,
    progress: row.state === "done" ? 1 : null,
  }));
}
