import type { AnalyticsDays } from "@cardinal/api/schemas";
import { keepPreviousData } from "@tanstack/react-query";
import { EmptyState, ErrorState, LoadingState, Skeleton } from "../../components/ui/states.tsx";
import { trpc } from "../../lib/trpc.ts";
import { FigureTiles } from "./figure-tiles.tsx";
import { ViewsChart } from "./views-chart.tsx";

const REFRESH_MS = 30_000;

/** Figures and series of a stretch of time. */
export function TrafficReport({ days }: { days: AnalyticsDays }) {
  const { data, error, refetch } = trpc.analytics.report.useQuery(
    { days },
    { refetchInterval: REFRESH_MS, placeholderData: keepPreviousData },
  );
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) {
    return (
      <LoadingState label="Loading figures">
        <div className="space-y-3">
          <Skeleton className="h-24" />
          <Skeleton className="h-64" />
        </div>
      </LoadingState>
    );
  }
  if (data.current.views === 0) {
    return <EmptyState title="No views in this time">Each page somebody opens is counted here.</EmptyState>;
  }
  return (
    <div className="space-y-3">
      {error && <p className="text-sm text-warn">As it stood before the connection went.</p>}
      <FigureTiles report={data} />
      <ViewsChart report={data} />
    </div>
  );
}
