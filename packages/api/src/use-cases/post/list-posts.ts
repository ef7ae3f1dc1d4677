import { postQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { PostList } from "../../routers/post/schemas.ts";
import { readPostCursor, writePostCursor } from "./post-cursor.ts";
import { toPostSummary } from "./post-view.ts";

interface ListPostsInput {
  readonly tag?: string | undefined;
  readonly cursor?: string | null | undefined;
  readonly limit: number;
}

/**
 * A page of published posts, newest first. Cached; any post's change invalidates every page of every list.
 *
 * @throws {MalformedCursor}
 */
export async function listPosts(
  deps: Pick<AppDeps, "db" | "caches">,
  input: ListPostsInput,
): Promise<PostList> {
  const after = input.cursor == null ? undefined : readPostCursor(input.cursor);
  const key = [input.tag ?? "", input.limit, after === undefined ? "" : writePostCursor(after)].join(":");
  const page = await deps.caches["post-list"].getOrSet(key, async ({ tag }) => {
    const loaded = await loadPage(deps, { ...input, after });
    tag("posts", ...new Set(loaded.posts.map(({ author }) => `user:${author.id}`)));
    return loaded;
  });
  return page ?? { posts: [], nextCursor: null };
}

async function loadPage(
  deps: Pick<AppDeps, "db">,
  options: {
    tag?: string | undefined;
    after: { publishedAtMs: number; id: string } | undefined;
    limit: number;
  },
): Promise<PostList> {
  const { posts, next } = await deps.db.read((tx) => postQueries.list(tx, options));
  return { posts: posts.map(toPostSummary), nextCursor: next === null ? null : writePostCursor(next) };
}
