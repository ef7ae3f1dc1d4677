import { postQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { PostNotFound } from "../../errors/domain-errors.ts";
import type { Post } from "../../routers/post/schemas.ts";
import { tagsOfPost, toPost } from "./post-view.ts";

/**
 * A published post by its slug, cached.
 *
 * @throws {PostNotFound} also for a draft.
 */
export async function getPost(deps: Pick<AppDeps, "db" | "caches">, slug: string): Promise<Post> {
  const post = await deps.caches.post.getOrSet(slug, async ({ tag }) => {
    const row = await deps.db.read((tx) => postQueries.findBySlug(tx, slug));
    const loaded = row === undefined ? undefined : toPost(row);
    tag(...(loaded === undefined ? [`slug:${slug}`] : tagsOfPost(loaded)));
    return loaded;
  });
  if (post === undefined) {
    throw new PostNotFound();
  }
  return post;
}
