import type { PostSummary as PostSummaryRow, PostWithComments } from "@cardinal/db";
import type { Post, PostSummary } from "../../routers/post/schemas.ts";
import { toUserView } from "../user/user-view.ts";

/** A published post as a list shows it. */
export function toPostSummary(row: PostSummaryRow): PostSummary {
  return {
    id: row.id,
    slug: row.slug,
    title: row.title,
    excerpt: row.excerpt,
    tags: row.tags,
    author: toUserView(row.author),
    publishedAtMs: row.publishedAtMs,
    updatedAtMs: row.updatedAtMs,
    readingMinutes: row.readingMinutes,
  };
}

/** A published post with text and comments. Undefined for a draft, which is nobody's to see yet. */
export function toPost(row: PostWithComments): Post | undefined {
  const { publishedAtMs } = row;
  if (publishedAtMs === null) {
    return undefined;
  }
  return {
    ...toPostSummary({ ...row, publishedAtMs }),
    body: row.body,
    comments: row.comments.map(({ id, author, body, createdAtMs }) => ({
      id,
      author: toUserView(author),
      body,
      createdAtMs,
    })),
  };
}

/** The tags of a cached post: itself, and everyone named on its page. */
export function tagsOfPost(post: Post): string[] {
  const people = [post.author, ...post.comments.map(({ author }) => author)];
  return [`post:${post.id}`, ...new Set(people.map(({ id }) => `user:${id}`))];
}
