import type { Period } from "@cardinal/api/schemas";
import { Link } from "@tanstack/react-router";
import { paths } from "../../app/paths.ts";

const PERIODS = [
  { period: "day", label: "Today" },
  { period: "week", label: "Week" },
  { period: "season", label: "Season" },
  { period: "all", label: "All time" },
] as const;

/** The periods of a board, each with an address of its own. */
export function PeriodTabs({ board, current }: { board: string; current: Period }) {
  return (
    <nav aria-label="Period" className="flex w-fit gap-1 rounded-xl bg-sunken p-1">
      {PERIODS.map(({ period, label }) => (
        <Link
          key={period}
          to={paths.board}
          params={{ board }}
          search={{ period }}
          aria-current={period === current ? "page" : undefined}
          className={`flex min-h-9 items-center rounded-lg px-3.5 text-sm ${period === current ? "bg-surface font-semibold shadow-lift" : "text-ink-soft hover:text-ink"}`}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
