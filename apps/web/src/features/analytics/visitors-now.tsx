import { trpc } from "../../lib/trpc.ts";

const REFRESH_MS = 15_000;

/** How many people looked at a page in the last five minutes. */
export function VisitorsNow() {
  const { data } = trpc.analytics.now.useQuery(undefined, { refetchInterval: REFRESH_MS });
  return (
    <p role="status" className="flex min-h-9 items-center gap-2 text-sm text-ink-soft">
      {data && (
        <>
          <span aria-hidden="true" className="size-2 rounded-full bg-ok" />
          <span>
            <strong className="font-semibold text-ink tabular-nums">{data.visitors.toLocaleString()}</strong>{" "}
            {data.visitors === 1 ? "visitor" : "visitors"} in the last five minutes
          </span>
        </>
      )}
    </p>
  );
}
