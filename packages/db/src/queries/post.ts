import { and, desc, eq, isNotNull, sql } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { newId } from "../new-id.ts";
import { post, postTag, tag, type PostRow } from "../schema/post.ts";
import { user } from "../schema/user.ts";
import { listByPost, type CommentWithAuthor } from "./comment.ts";
import { userSummaryColumns, type UserSummary } from "./user.ts";

/** A published post without its text. */
export type PostSummary = Omit<PostRow, "authorId" | "body" | "publishedAtMs"> & {
  publishedAtMs: number;
  author: UserSummary;
  /** By name. */
  tags: string[];
};

/** A post with its text and comments. `publishedAtMs` is null for a draft. */
export type PostWithComments = Omit<PostRow, "authorId"> & {
  author: UserSummary;
  tags: string[];
  comments: CommentWithAuthor[];
};

/** The last post of a page; the next page begins after it. */
export interface PostCursor {
  publishedAtMs: number;
  id: string;
}

export interface NewPost {
  id?: string;
  slug: string;
  title: string;
  excerpt: string;
  body: string;
  authorId: string;
  tags: readonly string[];
  /** Null for a draft. */
  publishedAtMs: number | null;
  nowMs: number;
}

export interface PostChanges {
  title?: string | undefined;
  excerpt?: string | undefined;
  body?: string | undefined;
  tags?: readonly string[] | undefined;
}

const WORDS_PER_MINUTE = 200;

const summaryColumns = {
  id: post.id,
  slug: post.slug,
  title: post.title,
  excerpt: post.excerpt,
  readingMinutes: post.readingMinutes,
  viewCount: post.viewCount,
  publishedAtMs: sql<number>`${post.publishedAtMs}`,
  createdAtMs: post.createdAtMs,
  updatedAtMs: post.updatedAtMs,
  tags: sql<string>`(
    select json_group_array(tag_name order by tag_name) from post_tag where post_id = ${post.id})`,
  author: userSummaryColumns,
};

/** Adds a post with its tags. The write fails with `UniqueViolation` on `slug` if taken. */
export function create(tx: WriteTransaction, input: NewPost): PostRow {
  const { tags, nowMs, ...values } = input;
  const row = tx.orm
    .insert(post)
    .values({
      ...values,
      id: input.id ?? newId(),
      readingMinutes: readingMinutesOf(input.body),
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    })
    .returning()
    .get();
  setTags(tx, row.id, tags, nowMs);
  return row;
}

/** Published posts, newest first, with a tag if asked. `next` is null on the last page. */
export function list(
  tx: ReadTransaction,
  options: { tag?: string | undefined; after?: PostCursor | undefined; limit: number },
): { posts: PostSummary[]; next: PostCursor | null } {
  const { after, limit } = options;
  const tagged =
    options.tag === undefined
      ? undefined
      : sql`${post.id} in (select post_id from post_tag where tag_name = ${options.tag})`;
  const rows = selectSummaries(tx)
    .where(
      and(
        isNotNull(post.publishedAtMs),
        tagged,
        after && sql`(${post.publishedAtMs}, ${post.id}) < (${after.publishedAtMs}, ${after.id})`,
      ),
    )
    .orderBy(desc(post.publishedAtMs), desc(post.id))
    .limit(limit + 1)
    .all();
  const posts = rows.slice(0, limit).map(withTagList);
  const last = posts.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { posts, next: hasMore ? { publishedAtMs: last.publishedAtMs, id: last.id } : null };
}

/** A post, published or not, with author, tags and comments. Who may see a draft is the caller's to judge. */
export function findBySlug(tx: ReadTransaction, slug: string): PostWithComments | undefined {
  return find(tx, eq(post.slug, slug));
}

export function findById(tx: ReadTransaction, id: string): PostWithComments | undefined {
  return find(tx, eq(post.id, id));
}

/** Changes the fields given and returns the post as it is now, or undefined if there is none with this id. */
export function update(
  tx: WriteTransaction,
  id: string,
  changes: PostChanges,
  options: { nowMs: number },
): PostWithComments | undefined {
  const { title, excerpt, body, tags } = changes;
  const changed = tx.orm
    .update(post)
    .set({
      ...(title === undefined ? {} : { title }),
      ...(excerpt === undefined ? {} : { excerpt }),
      ...(body === undefined ? {} : { body, readingMinutes: readingMinutesOf(body) }),
      updatedAtMs: options.nowMs,
    })
    .where(eq(post.id, id))
    .run();
  if (changed.changes === 0) return undefined;
  if (tags !== undefined) setTags(tx, id, tags, options.nowMs);
  return findById(tx, id);
}

/** Tags of published posts with how many posts carry each, most used first. */
export function tagCounts(tx: ReadTransaction): { name: string; count: number }[] {
  return tx
    .statement<{ name: string; count: number }>(
      `SELECT t.tag_name AS name, count(*) AS count FROM post_tag t JOIN post p ON p.id = t.post_id
        WHERE p.published_at IS NOT NULL GROUP BY t.tag_name ORDER BY count DESC, name`,
    )
    .all();
}

/** What a member published last, newest first. */
export function latestByAuthor(
  tx: ReadTransaction,
  authorId: string,
  limit: number,
): { slug: string; title: string; publishedAtMs: number }[] {
  return tx
    .statement<{ slug: string; title: string; publishedAtMs: number }>(
      `SELECT slug, title, published_at AS publishedAtMs FROM post
        WHERE author_id = ? AND published_at IS NOT NULL ORDER BY published_at DESC, id DESC LIMIT ?`,
    )
    .all(authorId, limit);
}

/** Published posts by views, most viewed first. */
export function popular(tx: ReadTransaction, limit: number): PostSummary[] {
  return selectSummaries(tx)
    .where(isNotNull(post.publishedAtMs))
    .orderBy(desc(post.viewCount), desc(post.publishedAtMs))
    .limit(limit)
    .all()
    .map(withTagList);
}

/** Adds views that were counted elsewhere. */
export function addViews(tx: WriteTransaction, id: string, views: number): void {
  tx.statement("UPDATE post SET view_count = view_count + ? WHERE id = ?").run(views, id);
}

/** Minutes to read a text, at least one. */
export function readingMinutesOf(body: string): number {
  return Math.max(1, Math.round(body.trim().split(/\s+/u).length / WORDS_PER_MINUTE));
}

function selectSummaries(tx: ReadTransaction) {
  return tx.orm.select(summaryColumns).from(post).innerJoin(user, eq(user.id, post.authorId)).$dynamic();
}

function find(tx: ReadTransaction, condition: ReturnType<typeof eq>): PostWithComments | undefined {
  const row = tx.orm
    .select({ ...summaryColumns, publishedAtMs: post.publishedAtMs, body: post.body })
    .from(post)
    .innerJoin(user, eq(user.id, post.authorId))
    .where(condition)
    .get();
  return row === undefined ? undefined : { ...withTagList(row), comments: listByPost(tx, row.id) };
}

function withTagList<Row extends { tags: string }>(row: Row): Omit<Row, "tags"> & { tags: string[] } {
  return { ...row, tags: JSON.parse(row.tags) as string[] };
}

function setTags(tx: WriteTransaction, postId: string, names: readonly string[], nowMs: number): void {
  tx.orm.delete(postTag).where(eq(postTag.postId, postId)).run();
  for (const name of new Set(names)) {
    tx.orm.insert(tag).values({ name, createdAtMs: nowMs }).onConflictDoNothing().run();
    tx.orm.insert(postTag).values({ postId, tagName: name }).run();
  }
}
