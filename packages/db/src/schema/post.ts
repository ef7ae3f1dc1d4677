import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { idColumn, timeColumn } from "./columns.ts";
import { user } from "./user.ts";

/** A blog post. Without `publishedAtMs` it is a draft, which only its author and administrators see. */
export const post = sqliteTable(
  "post",
  {
    id: idColumn(),
    slug: text("slug").notNull().unique(),
    title: text("title").notNull(),
    excerpt: text("excerpt").notNull(),
    /** Markdown. */
    body: text("body").notNull(),
    authorId: text("author_id")
      .notNull()
      .references(() => user.id),
    readingMinutes: integer("reading_minutes").notNull(),
    viewCount: integer("view_count").notNull().default(0),
    publishedAtMs: timeColumn("published_at"),
    createdAtMs: timeColumn("created_at").notNull(),
    updatedAtMs: timeColumn("updated_at").notNull(),
  },
  (t) => [
    index("post_published").on(t.publishedAtMs, t.id),
    index("post_author").on(t.authorId, t.publishedAtMs),
    index("post_view_count").on(t.viewCount),
    check("post_reading_minutes", sql`${t.readingMinutes} >= 1`),
    check("post_view_count_positive", sql`${t.viewCount} >= 0`),
  ],
);

/** A tag is its name: lower-case words joined by hyphens. */
export const tag = sqliteTable(
  "tag",
  { name: text("name").primaryKey(), createdAtMs: timeColumn("created_at").notNull() },
  (t) => [check("tag_name", sql`${t.name} = lower(${t.name}) and length(${t.name}) between 1 and 40`)],
);

export const postTag = sqliteTable(
  "post_tag",
  {
    postId: text("post_id")
      .notNull()
      .references(() => post.id, { onDelete: "cascade" }),
    tagName: text("tag_name")
      .notNull()
      .references(() => tag.name, { onDelete: "cascade" }),
  },
  (t) => [primaryKey({ columns: [t.postId, t.tagName] }), index("post_tag_name").on(t.tagName, t.postId)],
);

export const comment = sqliteTable(
  "comment",
  {
    id: idColumn(),
    postId: text("post_id")
      .notNull()
      .references(() => post.id, { onDelete: "cascade" }),
    authorId: text("author_id")
      .notNull()
      .references(() => user.id),
    body: text("body").notNull(),
    createdAtMs: timeColumn("created_at").notNull(),
    editedAtMs: timeColumn("edited_at"),
    deletedAtMs: timeColumn("deleted_at"),
  },
  (t) => [
    index("comment_post").on(t.postId, t.createdAtMs, t.id),
    index("comment_author").on(t.authorId, t.createdAtMs),
    check("comment_deleted_body", sql`${t.deletedAtMs} is null or ${t.body} = ''`),
  ],
);

export type PostRow = typeof post.$inferSelect;
export type TagRow = typeof tag.$inferSelect;
export type PostTagRow = typeof postTag.$inferSelect;
export type CommentRow = typeof comment.$inferSelect;
