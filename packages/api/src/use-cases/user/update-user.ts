import { userQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { UserNotFound } from "../../errors/domain-errors.ts";
import type { Me } from "../../routers/user/schemas.ts";
import { enqueueInvalidations, invalidateNow } from "../cache/invalidate-after-commit.ts";
import { invalidationsOfUser } from "./invalidations-of-user.ts";
import { toMeView } from "./user-view.ts";

interface UpdateUserInput {
  readonly userId: string;
  readonly displayName?: string | undefined;
  readonly bio?: string | undefined;
}

/**
 * Changes the caller's own profile. Every cached page that shows him is invalidated after the commit.
 *
 * @throws {UserNotFound}
 */
export async function updateUser(
  deps: Pick<AppDeps, "db" | "caches" | "outbox" | "log" | "now">,
  { userId, displayName, bio }: UpdateUserInput,
): Promise<Me> {
  const nowMs = deps.now();
  const invalidations = invalidationsOfUser(userId);
  const row = await deps.db.write((tx) => {
    const changes = {
      ...(displayName === undefined ? {} : { displayName }),
      ...(bio === undefined ? {} : { bio }),
    };
    const updated = userQueries.update(tx, userId, changes, { nowMs });
    enqueueInvalidations(tx, invalidations, nowMs);
    return updated;
  });
  if (row === undefined) {
    throw new UserNotFound();
  }
  await invalidateNow(deps, invalidations);
  return toMeView(row);
}
