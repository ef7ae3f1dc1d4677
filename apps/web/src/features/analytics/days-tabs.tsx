import type { AnalyticsDays } from "@cardinal/api/schemas";
import { Link } from "@tanstack/react-router";
import { paths } from "../../app/paths.ts";

const STRETCHES: readonly { days: AnalyticsDays; label: string }[] = [
  { days: 1, label: "24 h" },
  { days: 7, label: "7 days" },
  { days: 30, label: "30 days" },
  { days: 90, label: "90 days" },
];

/** The stretches of time, each with an address of its own. */
export function DaysTabs({ current }: { current: AnalyticsDays }) {
  return (
    <nav aria-label="Stretch of time" className="flex w-fit gap-1 rounded-xl bg-sunken p-1">
      {STRETCHES.map(({ days, label }) => (
        <Link
          key={days}
          to={paths.analytics}
          search={{ days }}
          aria-current={days === current ? "page" : undefined}
          className={`flex min-h-9 items-center rounded-lg px-2 text-sm whitespace-nowrap sm:px-3 ${days === current ? "bg-surface font-semibold shadow-lift" : "text-ink-soft hover:text-ink"}`}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
