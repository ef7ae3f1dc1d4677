import type { Period } from "@cardinal/api/schemas";
import { useEffect, useRef } from "react";
import { EmptyState, ErrorState, LoadingState, Skeleton } from "../../components/ui/states.tsx";
import { useMe } from "../../lib/me.ts";
import { useStore } from "../../lib/store.ts";
import { trpc } from "../../lib/trpc.ts";
import { useIsAway } from "../../lib/use-connection.ts";
import { BoardRow } from "./board-row.tsx";
import { SHOWN_ENTRIES, boardTopic } from "./board-topic.ts";
import { rankChange, ranksOf } from "./rank-changes.ts";
import type { Ranks } from "./rank-changes.ts";
import { useRowMotion } from "./use-row-motion.ts";

export interface BoardTableProps {
  board: string;
  title: string;
  period: Period;
}

/** A board, live. The own row is marked, and stands below the list when it is not on it. */
export function BoardTable({ board, title, period }: BoardTableProps) {
  const me = useMe();
  const topic = useStore(boardTopic(board, period));
  const top = trpc.leaderboard.top.useQuery({ board, period, limit: SHOWN_ENTRIES });
  const own = trpc.leaderboard.me.useQuery({ board, period });
  const isAway = useIsAway();
  const shown = topic.value ?? top.data;
  const entries = shown?.entries ?? [];
  const version = topic.value?.version;
  const { refetch } = own;
  const baseline = useRef<Ranks | null>(null);
  if (baseline.current === null && shown) baseline.current = ranksOf(entries);
  const body = useRowMotion(entries.map(({ user }) => user.id).join());

  useEffect(() => {
    if (version !== undefined) void refetch();
  }, [version, refetch]);

  const error = topic.error ?? (topic.value ? null : top.error);
  if (error && !shown) return <ErrorState error={error} onRetry={() => void top.refetch()} />;
  if (!shown) {
    return (
      <LoadingState label="Loading the board">
        <div className="space-y-3">
          {[1, 2, 3, 4, 5, 6].map((row) => (
            <Skeleton key={row} className="h-10" />
          ))}
        </div>
      </LoadingState>
    );
  }
  if (entries.length === 0) {
    return <EmptyState title="No scores yet">Complete a challenge and take the first place.</EmptyState>;
  }
  const listed = entries.find(({ user }) => user.id === me.id);
  const rank = listed?.rank ?? own.data?.rank ?? null;
  return (
    <>
      {isAway && <p className="mb-3 text-sm text-warn">As it stood before the connection went.</p>}
      <div className="overflow-x-auto rounded-2xl border border-line bg-surface">
        <table className="w-full">
          <caption className="sr-only">
            {title}: {shown.total} members with a score
          </caption>
          <thead>
            <tr className="border-b border-line text-left text-sm text-ink-faint">
              <th scope="col" className="py-2.5 pl-4 font-medium">
                Rank
              </th>
              <th scope="col" className="py-2.5 font-medium">
                Member
              </th>
              <th scope="col" className="py-2.5 pr-5 text-right font-medium">
                Score
              </th>
            </tr>
          </thead>
          <tbody ref={body}>
            {entries.map((entry) => (
              <BoardRow
                key={entry.user.id}
                entry={entry}
                isOwn={entry.user.id === me.id}
                change={baseline.current && rankChange(baseline.current, entry)}
              />
            ))}
          </tbody>
          {!listed && own.data && own.data.rank !== null && (
            <tfoot className="border-t-2 border-line-strong/40">
              <BoardRow
                entry={{ rank: own.data.rank, score: own.data.score, user: me }}
                isOwn
                change={null}
              />
            </tfoot>
          )}
        </table>
      </div>
      <p role="status" className="mt-3 text-sm text-ink-soft">
        {rank === null ? "You have no score here yet." : `You are number ${rank} of ${shown.total}.`}
      </p>
    </>
  );
}
