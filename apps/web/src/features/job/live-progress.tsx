import type { Job } from "@cardinal/api/schemas";
import { useEffect } from "react";
import { api } from "../../lib/api-client.ts";
import { useStore } from "../../lib/store.ts";
import { JobState } from "./job-state.tsx";
import { jobTopic } from "./job-topic.ts";

/** An open job's state and how far it is. When it settles, the list is asked again. */
export function LiveProgress({ job }: { job: Job }) {
  const { value } = useStore(jobTopic(job.id));
  const state = value?.state ?? job.state;
  const progress = value?.progress ?? job.progress;
  const isSettled = state === "done" || state === "dead";
  useEffect(() => {
    if (isSettled) void api.job.list.invalidate();
  }, [isSettled]);
  return (
    <div className="flex items-center gap-3">
      {progress !== null && !isSettled && (
        <span className="w-32">
          <span
            role="progressbar"
            aria-label={`Progress of ${job.name}`}
            aria-valuenow={Math.round(progress * 100)}
            className="block h-1.5 overflow-hidden rounded-full bg-line"
          >
            <span
              className="block h-full rounded-full bg-accent-fill transition-[width] duration-300"
              style={{ width: `${progress * 100}%` }}
            />
          </span>
          {value?.message && <span className="text-xs text-ink-faint">{value.message}</span>}
        </span>
      )}
      <JobState state={state} />
    </div>
  );
}
