import { postQueries, userQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { UserProfile } from "../../routers/user/schemas.ts";
import { toUserView } from "./user-view.ts";

const LATEST_POSTS = 10;

/**
 * A member's profile with his latest posts, cached; that there is none is remembered for a minute. Null for
 * no such member, and for one whose account is disabled.
 */
export async function findUser(
  deps: Pick<AppDeps, "db" | "caches">,
  which: { id: string } | { username: string },
): Promise<UserProfile | null> {
  const key = "id" in which ? `id:${which.id}` : `name:${which.username}`;
  const found = await deps.caches.user.getOrSet(key, async ({ tag }) => {
    const profile = await loadProfile(deps, which);
    // An absent name may be taken by a sign-up at any moment, which invalidates this tag.
    tag(profile === undefined ? key : `user:${profile.id}`);
    return profile;
  });
  return found ?? null;
}

function loadProfile(
  deps: Pick<AppDeps, "db">,
  which: { id: string } | { username: string },
): Promise<UserProfile | undefined> {
  return deps.db.read((tx) => {
    const row =
      "id" in which ? userQueries.findById(tx, which.id) : userQueries.findByUsername(tx, which.username);
    if (row === undefined || row.disabledAtMs !== null) {
      return undefined;
    }
    return {
      ...toUserView(row),
      bio: row.bio,
      latestPosts: postQueries.latestByAuthor(tx, row.id, LATEST_POSTS),
    };
  });
}
