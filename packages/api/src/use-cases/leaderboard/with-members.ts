import { type ReadTransaction, userQueries } from "@cardinal/db";
import type { LeaderboardEntry } from "../../routers/leaderboard/schemas.ts";
import { toUserView } from "../user/user-view.ts";

interface Place {
  readonly member: string;
  readonly rank: number;
  readonly score: number;
}

/** Entries with who they are. A member whose account is gone is left out. */
export function withMembers(tx: ReadTransaction, places: readonly Place[]): LeaderboardEntry[] {
  const users = userQueries.listByIds(
    tx,
    places.map(({ member }) => member),
  );
  const byId = new Map(users.map((user) => [user.id, toUserView(user)]));
  return places.flatMap(({ member, rank, score }) => {
    const user = byId.get(member);
    return user === undefined ? [] : [{ rank, score, user }];
  });
}
