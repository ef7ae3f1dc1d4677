import { Link } from "@tanstack/react-router";
import { paths } from "../../app/paths.ts";
import { ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { trpc } from "../../lib/trpc.ts";

function Standing({ board, title }: { board: string; title: string }) {
  const { data, error } = trpc.leaderboard.me.useQuery({ board, period: "season" });
  return (
    <li>
      <Link
        to={paths.board}
        params={{ board }}
        search={{ period: "season" }}
        className="flex min-h-11 items-center justify-between gap-3 hover:text-accent"
      >
        <span className="font-medium">{title}</span>
        <span className="text-sm text-ink-soft tabular-nums">
          {error && "not known"}
          {data &&
            (data.rank === null ? "no score yet" : `No. ${data.rank} · ${data.score.toLocaleString()}`)}
        </span>
      </Link>
    </li>
  );
}

/** Where the member stands this season, for the home page. */
export function OwnStanding() {
  const { data, error, refetch } = trpc.leaderboard.list.useQuery();
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingState label="Loading boards" />;
  return (
    <ul className="divide-y divide-line">
      {data.boards.map(({ name, title }) => (
        <Standing key={name} board={name} title={title} />
      ))}
    </ul>
  );
}
