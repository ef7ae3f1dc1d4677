import type { Report } from "@cardinal/api/schemas";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { EmptyState, ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { trpc } from "../../lib/trpc.ts";
import { ReportCard } from "./report-card.tsx";

/** The reports that wait, or those that were settled; newest first. */
export function ReportQueue({ state }: { state: Report["state"] }) {
  const [before, setBefore] = useState<string | null>(null);
  const { data, error, refetch } = trpc.moderation.list.useQuery(
    { state, ...(before !== null && { before }) },
    { staleTime: 0 },
  );
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingState label="Loading reports" />;
  if (data.reports.length === 0 && before === null) {
    return state === "open" ? (
      <EmptyState title="Nothing waits">Reports of messages stand here until somebody has settled them.</EmptyState>
    ) : (
      <EmptyState title="Nothing has been settled yet" />
    );
  }
  return (
    <>
      <ul aria-label={state === "open" ? "Open reports" : "Settled reports"} className="space-y-4">
        {data.reports.map((report) => (
          <ReportCard key={report.id} report={report} />
        ))}
      </ul>
      {(before !== null || data.hasMore) && (
        <p className="mt-6 flex gap-2">
          <Button disabled={before === null} onClick={() => setBefore(null)}>
            Newest
          </Button>
          <Button disabled={!data.hasMore} onClick={() => setBefore(data.reports.at(-1)?.id ?? null)}>
            Older
          </Button>
        </p>
      )}
    </>
  );
}
