import { boardQueries, seasonQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { Board } from "../../routers/leaderboard/schemas.ts";

/** Every board, in the order in which they are shown, with the season under way. */
export async function listBoards(deps: Pick<AppDeps, "db">): Promise<Board[]> {
  const { boards, running } = await deps.db.read((tx) => ({
    boards: boardQueries.list(tx),
    running: seasonQueries.findRunning(tx),
  }));
  const season =
    running === undefined
      ? null
      : {
          id: running.id,
          number: running.number,
          title: running.title,
          startsAtMs: running.startsAtMs,
          endsAtMs: running.endsAtMs,
        };
  return boards.map(({ name, title, order }) => ({ name, title, order, season }));
}
