import { Navigate } from "@tanstack/react-router";
import { EmptyState, ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { trpc } from "../../lib/trpc.ts";
import { paths } from "../paths.ts";

/** Boards without a board: the first one. */
export function BoardsRoute() {
  const { data, error, refetch } = trpc.leaderboard.list.useQuery();
  const board = data?.boards[0];
  if (board) {
    return <Navigate to={paths.board} params={{ board: board.name }} search={{ period: "season" }} replace />;
  }
  return (
    <div className="mx-auto max-w-lg p-8">
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <LoadingState label="Loading boards" />}
      {data && <EmptyState title="There are no boards yet" />}
    </div>
  );
}
