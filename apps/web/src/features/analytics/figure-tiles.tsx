import type { AnalyticsReport } from "@cardinal/api/schemas";
import { formatChange, formatLength, formatShare } from "./format-figures.ts";

interface Tile {
  readonly label: string;
  readonly value: string;
  readonly change: number | null;
}

function tilesOf({ current, change }: AnalyticsReport): Tile[] {
  return [
    { label: "Visitors", value: current.visitors.toLocaleString(), change: change.visitors },
    { label: "Views", value: current.views.toLocaleString(), change: change.views },
    { label: "Left after one page", value: formatShare(current.bounceRate), change: change.bounceRate },
    { label: "Average visit", value: formatLength(current.averageVisitMs), change: change.averageVisitMs },
  ];
}

/** The figures of a stretch, each with its change since the one before. */
export function FigureTiles({ report }: { report: AnalyticsReport }) {
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      {tilesOf(report).map(({ label, value, change }) => (
        <div key={label} className="rounded-2xl border border-line bg-surface px-4 py-3.5">
          <dt className="text-sm text-ink-soft">{label}</dt>
          <dd className="mt-0.5 font-display text-2xl font-semibold tabular-nums">{value}</dd>
          <dd className="text-xs text-ink-faint tabular-nums">{formatChange(change)}</dd>
        </div>
      ))}
    </dl>
  );
}
