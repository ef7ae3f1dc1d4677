import { EmptyState, ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { trpc } from "../../lib/trpc.ts";
import { JobRow } from "./job-row.tsx";

const REFRESH_MS = 10_000;

/** The member's own jobs, newest first; an admin sees everyone's. */
export function JobList() {
  const { data, error, refetch } = trpc.job.list.useQuery({ limit: 50 }, { refetchInterval: REFRESH_MS });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingState label="Loading jobs" />;
  if (data.jobs.length === 0) {
    return <EmptyState title="No jobs yet">Work done for you in the background shows up here.</EmptyState>;
  }
  return (
    <ul className="divide-y divide-line rounded-2xl border border-line bg-surface">
      {data.jobs.map((job) => (
        <JobRow key={job.id} job={job} />
      ))}
    </ul>
  );
}
