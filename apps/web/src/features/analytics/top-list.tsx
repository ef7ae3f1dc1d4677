import type { AnalyticsDays, AnalyticsDimension } from "@cardinal/api/schemas";
import { keepPreviousData } from "@tanstack/react-query";
import { EmptyState, ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { trpc } from "../../lib/trpc.ts";
import { formatLabel } from "./format-figures.ts";

const SHOWN = 8;

export interface TopListProps {
  dimension: AnalyticsDimension;
  title: string;
  days: AnalyticsDays;
}

/** The labels with the most views, and all others together. */
export function TopList({ dimension, title, days }: TopListProps) {
  return (
    <section aria-label={title} className="rounded-2xl border border-line bg-surface p-4 sm:p-5">
      <h2 className="mb-3 font-semibold">{title}</h2>
      <Labels dimension={dimension} title={title} days={days} />
    </section>
  );
}

function Labels({ dimension, title, days }: TopListProps) {
  const { data, error, refetch } = trpc.analytics.top.useQuery(
    { dimension, days, limit: SHOWN },
    { placeholderData: keepPreviousData },
  );
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingState label={`Loading ${title.toLowerCase()}`} />;
  if (data.total === 0) return <EmptyState title="Nothing yet" />;
  const most = data.labels[0]?.views ?? 1;
  const rows = data.labels.map(({ label, views, isExact }) => ({
    label: formatLabel(label, dimension),
    views,
    text: isExact ? views.toLocaleString() : `${views.toLocaleString()}+`,
    share: views / most,
  }));
  return (
    <table className="w-full text-sm">
      <thead className="sr-only">
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">Views</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, text, share }) => (
          <tr key={label}>
            <th scope="row" className="w-full max-w-0 py-0.5 text-left font-normal">
              <span
                className="block truncate rounded-md bg-[linear-gradient(var(--accent-wash),var(--accent-wash))] bg-no-repeat px-2 py-1"
                style={{ backgroundSize: `${100 * share}% 100%` }}
              >
                {label}
              </span>
            </th>
            <td className="py-0.5 pl-3 text-right tabular-nums">{text}</td>
          </tr>
        ))}
        {data.other > 0 && (
          <tr className="text-ink-soft">
            <th scope="row" className="px-2 py-1.5 text-left font-normal">
              other
            </th>
            <td className="pl-3 text-right tabular-nums">{data.other.toLocaleString()}</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
