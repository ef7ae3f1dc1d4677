import type { AnalyticsReport } from "@cardinal/api/schemas";
import clsx from "clsx";
import { formatBucket, roundUp } from "./format-figures.ts";

const LABELS = 5;

/** Views and visitors side by side in time. Who cannot see the bars reads the table. */
export function ViewsChart({ report: { by, series } }: { report: AnalyticsReport }) {
  const top = roundUp(Math.max(...series.map(({ views }) => views)));
  const height = (figure: number) => ({ height: `${(100 * figure) / top}%` });
  const step = Math.max(1, Math.ceil(series.length / LABELS));
  return (
    <figure className="rounded-2xl border border-line bg-surface p-4 sm:p-5">
      <figcaption className="mb-4 flex flex-wrap items-center gap-x-5 gap-y-1 text-sm text-ink-soft">
        <span className="flex items-center gap-2">
          <span aria-hidden="true" className="size-3 rounded-sm bg-accent-fill" /> Visitors
        </span>
        <span className="flex items-center gap-2">
          <span aria-hidden="true" className="size-3 rounded-sm bg-accent-fill/30" /> Views
        </span>
        <span className="ml-auto">{by === "hour" ? "by the hour" : "by the day, UTC"}</span>
      </figcaption>
      <div aria-hidden="true" className="flex gap-2">
        <div className="flex h-48 w-10 shrink-0 flex-col justify-between text-right text-xs text-ink-faint tabular-nums">
          <span>{top.toLocaleString()}</span>
          <span>{top % 2 === 0 && (top / 2).toLocaleString()}</span>
          <span>0</span>
        </div>
        <div className="min-w-0 flex-1">
          <div className="flex h-48 items-end gap-px border-b border-line-strong/40 bg-[linear-gradient(var(--line)_1px,transparent_1px)] bg-[length:100%_50%] sm:gap-0.5">
            {series.map(({ startsAtMs, views, visitors }) => (
              <div
                key={startsAtMs}
                title={`${formatBucket(startsAtMs, by)}: ${visitors.toLocaleString()} visitors, ${views.toLocaleString()} views`}
                className="relative h-full flex-1 hover:bg-sunken"
              >
                <span className="absolute inset-x-0 bottom-0 rounded-t-sm bg-accent-fill/30" style={height(views)} />
                <span className="absolute inset-x-0 bottom-0 rounded-t-sm bg-accent-fill" style={height(visitors)} />
              </div>
            ))}
          </div>
          <div className="relative mt-1.5 h-4 text-xs text-ink-faint tabular-nums">
            {series.map(
              ({ startsAtMs }, index) =>
                index % step === 0 && (
                  <span
                    key={startsAtMs}
                    className={clsx("absolute whitespace-nowrap", index % (2 * step) !== 0 && "max-sm:hidden")}
                    style={{ left: `${(100 * index) / series.length}%` }}
                  >
                    {formatBucket(startsAtMs, by)}
                  </span>
                ),
            )}
          </div>
        </div>
      </div>
      <table className="sr-only">
        <caption>Views and visitors {by === "hour" ? "by the hour" : "by the day"}</caption>
        <thead>
          <tr>
            <th scope="col">{by === "hour" ? "Hour" : "Day"}</th>
            <th scope="col">Visitors</th>
            <th scope="col">Views</th>
          </tr>
        </thead>
        <tbody>
          {series.map(({ startsAtMs, views, visitors }) => (
            <tr key={startsAtMs}>
              <th scope="row">{formatBucket(startsAtMs, by)}</th>
              <td>{visitors}</td>
              <td>{views}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
