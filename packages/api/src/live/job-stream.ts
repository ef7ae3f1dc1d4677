import { outboxQueries, userQueries } from "@cardinal/db";
import { jobProgressChannel, type JobProgress } from "@cardinal/jobs";
import { tracked, type TrackedEnvelope } from "@trpc/server";
import type { AppDeps } from "../deps/app-deps.ts";
import { JobNotFound } from "../errors/domain-errors.ts";
import type { JobOnProgressFrame } from "../routers/job/schemas.ts";
import type { StreamScope } from "./live-stream.ts";
import { sleep, Wakeup } from "./wakeup.ts";

const FRAME_EVERY_MS = 200;
const LOOK_EVERY_MS = 5_000;

type JobStreamDeps = Pick<AppDeps, "db" | "core" | "log">;

/**
 * What becomes of a job: how it stands, then each report, the latest where they come fast. The row is the truth and
 * is looked at every 5 s, so a lost report costs no more than that. Ends when the job is done or dead.
 */
export async function* streamJob(
  deps: JobStreamDeps,
  jobId: string,
  scope: StreamScope,
): AsyncGenerator<TrackedEnvelope<JobOnProgressFrame>, void> {
  const wakeup = new Wakeup();
  let report: JobProgress | null = null;
  const subscribing = jobProgressChannel(deps.core, jobId).subscribe(
    (progress) => {
      report = progress;
      wakeup.ring();
    },
    { onGap: wakeup.ring },
  );
  subscribing.then(wakeup.ring, (error: unknown) => {
    deps.log.warn({ err: error, jobId }, "live: no word of this job's progress; its row is looked at");
  });
  try {
    let shown = "";
    let count = 0;
    while (!scope.signal.aborted) {
      await scope.writable();
      const row = await readJob(deps, jobId);
      const frame = frameOf(jobId, row, report);
      const showing = JSON.stringify(frame);
      if (showing !== shown) {
        shown = showing;
        count += 1;
        yield tracked(`${row.updatedAtMs}.${count}`, frame);
      }
      if (row.state === "done" || row.state === "dead") {
        return;
      }
      await sleep(FRAME_EVERY_MS, scope.signal);
      await wakeup.wait(scope.signal, LOOK_EVERY_MS);
    }
  } finally {
    // Without Redis the acknowledgement may never come; nobody waits for it.
    void subscribing.then((subscription) => subscription.close()).catch(() => undefined);
  }
}

/** Whose job it is decides who may watch: its owner and admins. @throws {JobNotFound} also for a stranger's. */
export async function requireOwnJob(
  deps: Pick<AppDeps, "db">,
  { jobId, userId }: { jobId: string; userId: string },
): Promise<void> {
  const mayWatch = await deps.db.read((tx) => {
    const row = outboxQueries.find(tx, jobId);
    return row !== undefined && (row.ownerId === userId || userQueries.findById(tx, userId)?.role === "admin");
  });
  if (!mayWatch) {
    throw new JobNotFound();
  }
}

async function readJob(deps: Pick<AppDeps, "db">, jobId: string) {
  const row = await deps.db.read((tx) => outboxQueries.find(tx, jobId));
  if (row === undefined) {
    throw new JobNotFound();
  }
  return row;
}

/** The row says how the job ended; until then its own report says how far it is. */
function frameOf(
  jobId: string,
  row: { state: JobOnProgressFrame["state"]; lastError: string | null },
  report: JobProgress | null,
): JobOnProgressFrame {
  if (row.state === "done") {
    return { jobId, state: "done", progress: 1, message: report?.message ?? null };
  }
  if (row.state === "dead") {
    return { jobId, state: "dead", progress: report?.progress ?? null, message: row.lastError };
  }
  return { jobId, state: row.state, progress: report?.progress ?? null, message: report?.message ?? row.lastError };
}
