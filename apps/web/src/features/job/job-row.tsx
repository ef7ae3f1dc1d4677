import type { Job } from "@cardinal/api/schemas";
import { formatRelative } from "../../lib/format-time.ts";
import { JobState } from "./job-state.tsx";
import { LiveProgress } from "./live-progress.tsx";

/** "resize-image" as people would say it. */
function titleOf(name: string): string {
  const words = name.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** One job. What is not settled yet is followed live. */
export function JobRow({ job }: { job: Job }) {
  const isOpen = job.state === "pending" || job.state === "queued";
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-4">
      <div className="min-w-0 flex-1">
        <p className="font-medium">{titleOf(job.name)}</p>
        <p className="text-sm text-ink-faint">
          {job.queue} · {formatRelative(job.createdAtMs)}
          {job.attempts > 1 && ` · ${job.attempts} attempts`}
          {job.state === "pending" &&
            job.runAtMs > job.updatedAtMs &&
            ` · due ${formatRelative(job.runAtMs)}`}
        </p>
        {job.state === "dead" && job.lastError && <p className="mt-1 text-sm text-accent">{job.lastError}</p>}
      </div>
      {isOpen ? <LiveProgress job={job} /> : <JobState state={job.state} />}
    </li>
  );
}
