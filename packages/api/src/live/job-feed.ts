import { outboxQueries, userQueries } from "@cardinal/db";
import { jobProgressChannel, type JobProgress } from "@cardinal/jobs";
import type { AppDeps } from "../deps/app-deps.ts";
import { JobNotFound } from "../errors/domain-errors.ts";
import type { JobOnProgressFrame } from "../routers/job/schemas.ts";
import type { Feed, FrameSink } from "./frame-sink.ts";
import { StateFeed } from "./state-feed.ts";

const FRAME_EVERY_MS = 200;
const LOOK_EVERY_MS = 5_000;

type JobFeedDeps = Pick<AppDeps, "db" | "core" | "log">;

/**
 * What becomes of a job: how it stands, then each report, the latest where they come fast. The row is the truth and
 * is looked at every 5 s, so a lost report costs no more than that. Ends when the job is done or dead.
 */
export async function openJobFeed(deps: JobFeedDeps, jobId: string, sink: FrameSink<JobOnProgressFrame>): Promise<Feed> {
  let report: JobProgress | null = null;
  let shown = "";
  let count = 0;
  const feed = new StateFeed(sink, {
    everyMs: FRAME_EVERY_MS,
    async read() {
      const row = await readJob(deps, jobId);
      const frame = frameOf(jobId, row, report);
      const showing = JSON.stringify(frame);
      if (showing === shown) {
        return null;
      }
      shown = showing;
      count += 1;
      const isLast = row.state === "done" || row.state === "dead";
      return { id: `${row.updatedAtMs}.${count}`, frame, isLast };
    },
    release() {
      clearInterval(look);
      // Without Redis the acknowledgement may never come; nobody waits for it.
      void subscribing.then((subscription) => subscription.close()).catch(() => undefined);
    },
  });
  const look = setInterval(feed.wake, LOOK_EVERY_MS);
  look.unref();
  const subscribing = jobProgressChannel(deps.core, jobId).subscribe(
    (progress) => {
      report = progress;
      feed.wake();
    },
    { onGap: feed.wake },
  );
  subscribing.then(feed.wake, (error: unknown) => {
    deps.log.warn({ err: error, jobId }, "live: no word of this job's progress; its row is looked at");
  });
  return feed;
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
