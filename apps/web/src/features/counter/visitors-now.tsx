import { useStore } from "../../lib/store.ts";
import { visitorsTopic } from "./counter-topic.ts";

/** How many people looked at a page in the last five minutes, as it changes. */
export function VisitorsNow() {
  const { value } = useStore(visitorsTopic("site"));
  return (
    <p className="flex min-h-9 items-center gap-2 text-sm text-ink-soft">
      {value !== null && (
        <>
          <span aria-hidden="true" className="size-2 rounded-full bg-ok" />
          <span>
            <strong className="font-semibold text-ink tabular-nums">{value.toLocaleString()}</strong>{" "}
            {value === 1 ? "visitor" : "visitors"} in the last five minutes
          </span>
        </>
      )}
    </p>
  );
}
