import { postQueries, userQueries, type WriteTransaction } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { Invalidation } from "../../deps/caches.ts";
import { NotTheAuthor, PostNotFound } from "../../errors/domain-errors.ts";
import type { Post } from "../../routers/post/schemas.ts";
import { enqueueInvalidations, invalidateNow } from "../cache/invalidate-after-commit.ts";
import { toPost } from "./post-view.ts";

interface UpdatePostInput {
  readonly actorId: string;
  readonly id: string;
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/**
 * Changes a post. The page, every list, the tags and the author's profile are invalidated after the commit.
 *
 * @throws {PostNotFound} {NotTheAuthor} for all but the author and admins.
 */
export async function updatePost(
  deps: Pick<AppDeps, "db" | "caches" | "outbox" | "log" | "now">,
  input: UpdatePostInput,
): Promise<Post> {
  const nowMs = deps.now();
  const changed = await deps.db.write((tx) => {
    const post = changePost(tx, input, nowMs);
    const invalidations = invalidationsOfPost(post);
    enqueueInvalidations(tx, invalidations, nowMs);
    return { post, invalidations };
  });
  await invalidateNow(deps, changed.invalidations);
  return changed.post;
}

function changePost(tx: WriteTransaction, { actorId, id, ...changes }: UpdatePostInput, nowMs: number): Post {
  const before = postQueries.findById(tx, id);
  if (before === undefined) {
    throw new PostNotFound();
  }
  const isAuthor = before.author.id === actorId;
  if (!isAuthor && userQueries.findById(tx, actorId)?.role !== "admin") {
    throw new NotTheAuthor();
  }
  const row = postQueries.update(tx, id, changes, { nowMs });
  const post = row === undefined ? undefined : toPost(row);
  if (post === undefined) {
    throw new PostNotFound();
  }
  return post;
}

function invalidationsOfPost(post: Post): Invalidation[] {
  return [
    { cache: "post", tags: [`post:${post.id}`, `slug:${post.slug}`] },
    { cache: "post-list", tags: ["posts"] },
    { cache: "tag-list", tags: ["posts"] },
    { cache: "user", tags: [`user:${post.author.id}`] },
  ];
}
