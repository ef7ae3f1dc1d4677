import type { LeaderboardEntry } from "@cardinal/api/schemas";
import clsx from "clsx";
import { Avatar } from "../../components/ui/avatar.tsx";

export interface BoardRowProps {
  entry: LeaderboardEntry;
  isOwn: boolean;
  change: number | null;
}

function Change({ change }: { change: number | null }) {
  if (change === null || change === 0) return null;
  const places = Math.abs(change);
  return (
    <span className={clsx("text-xs font-medium", change > 0 ? "text-ok" : "text-ink-faint")}>
      <span aria-hidden="true">
        {change > 0 ? "▲" : "▼"} {places}
      </span>
      <span className="sr-only">
        {change > 0 ? "up" : "down"} {places}
      </span>
    </span>
  );
}

const MEDALS: Readonly<Record<number, string>> = {
  1: "bg-accent-fill text-white",
  2: "bg-ink-soft text-surface",
  3: "border border-line-strong text-ink",
};

/** One member's place. */
export function BoardRow({ entry, isOwn, change }: BoardRowProps) {
  const { rank, score, user } = entry;
  return (
    <tr
      data-row={user.id}
      aria-current={isOwn || undefined}
      className={clsx("border-b border-line last:border-0", isOwn && "bg-accent-wash font-semibold")}
    >
      <td className="w-16 py-2.5 pl-4 tabular-nums">
        <span
          className={clsx(
            "inline-flex size-7 items-center justify-center rounded-full text-sm",
            MEDALS[rank],
          )}
        >
          {rank}
        </span>
      </td>
      <th scope="row" className={clsx("py-2.5 text-left", isOwn ? "font-semibold" : "font-normal")}>
        <span className="flex items-center gap-3">
          <Avatar user={user} size="small" />
          <span className="truncate">{user.displayName}</span>
          {isOwn && <span className="text-xs font-medium text-accent">you</span>}
          <Change change={change} />
        </span>
      </th>
      <td className="py-2.5 pr-5 text-right tabular-nums">{score.toLocaleString()}</td>
    </tr>
  );
}
