import { Link, useParams, useSearch } from "@tanstack/react-router";
import { Page } from "../../components/ui/page.tsx";
import { BoardTable } from "../../features/leaderboard/board-table.tsx";
import { ChallengeButton } from "../../features/leaderboard/challenge-button.tsx";
import { PeriodTabs } from "../../features/leaderboard/period-tabs.tsx";
import { formatRelative } from "../../lib/format-time.ts";
import { trpc } from "../../lib/trpc.ts";
import { useTitle } from "../../lib/use-title.ts";
import { paths } from "../paths.ts";

export function BoardRoute() {
  const { board: name } = useParams({ from: "/shell/boards/$board" });
  const { period } = useSearch({ from: "/shell/boards/$board" });
  const { data } = trpc.leaderboard.list.useQuery();
  const board = data?.boards.find((candidate) => candidate.name === name);
  const title = board?.title ?? name;
  useTitle(title);
  const season = board?.season;
  return (
    <Page
      title={title}
      lead={
        season
          ? `Season ${season.number}, ${season.title}, ends ${formatRelative(season.endsAtMs)}`
          : undefined
      }
      actions={<ChallengeButton board={name} />}
    >
      <nav aria-label="Boards" className="mb-5 flex flex-wrap gap-x-5 gap-y-1 border-b border-line">
        {data?.boards.map((candidate) => (
          <Link
            key={candidate.name}
            to={paths.board}
            params={{ board: candidate.name }}
            search={{ period }}
            aria-current={candidate.name === name ? "page" : undefined}
            className={`-mb-px flex min-h-10 items-center border-b-2 ${candidate.name === name ? "border-accent font-semibold" : "border-transparent text-ink-soft hover:text-ink"}`}
          >
            {candidate.title}
          </Link>
        ))}
      </nav>
      <div className="mb-5">
        <PeriodTabs board={name} current={period} />
      </div>
      <BoardTable key={`${name} ${period}`} board={name} title={title} period={period} />
    </Page>
  );
}
