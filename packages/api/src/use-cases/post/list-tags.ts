import { postQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { PostTags } from "../../routers/post/schemas.ts";

/**
 * All tags of published posts with how many carry each, most used first. Cached for a day or until a post
 * changes.
 */
export async function listTags(deps: Pick<AppDeps, "db" | "caches">): Promise<PostTags> {
  const tags = await deps.caches["tag-list"].getOrSet(
    "all",
    async () => ({ tags: await deps.db.read((tx) => postQueries.tagCounts(tx)) }),
    { tags: ["posts"] },
  );
  return tags ?? { tags: [] };
}
