import { normalizeForSearch, userQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { User } from "../../routers/user/schemas.ts";
import { toUserView } from "./user-view.ts";

/**
 * Members whose name contains the text, best match first. Cached by the normalised text, until any member
 * changes.
 */
export async function searchUsers(
  deps: Pick<AppDeps, "db" | "caches">,
  input: { query: string; limit: number },
): Promise<User[]> {
  const wanted = normalizeForSearch(input.query);
  const found = await deps.caches["user-search"].getOrSet(
    `${input.limit}:${wanted}`,
    async () => {
      const rows = await deps.db.read((tx) => userQueries.search(tx, wanted, input.limit));
      return rows.map(toUserView);
    },
    { tags: ["users"] },
  );
  return found ?? [];
}
