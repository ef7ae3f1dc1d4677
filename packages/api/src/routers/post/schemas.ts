import { z } from "zod";
import { userSchema } from "../user/schemas.ts";

export const postIdSchema = z.uuid();
export const postSlugSchema = z
  .string()
  .max(120)
  .regex(/^[a-z0-9][a-z0-9-]*$/, "letters, digits and -");
export const tagNameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "1 to 40 letters, digits and -");

export const postSummarySchema = z.object({
  id: z.string(),
  slug: z.string(),
  title: z.string(),
  excerpt: z.string(),
  tags: z.array(z.string()),
  author: userSchema,
  publishedAtMs: z.number(),
  updatedAtMs: z.number(),
  readingMinutes: z.number(),
});

export const commentSchema = z.object({
  id: z.string(),
  author: userSchema,
  body: z.string(),
  createdAtMs: z.number(),
});

export const postSchema = postSummarySchema.extend({
  /** Markdown. */
  body: z.string(),
  comments: z.array(commentSchema),
});

export const postListInput = z
  .strictObject({
    tag: tagNameSchema.optional(),
    /** `nextCursor` of the page before. */
    cursor: z.string().max(200).nullish(),
    limit: z.int().min(1).max(50).default(10),
  })
  .prefault({});
/** Newest first. `nextCursor` is null on the last page. */
export const postListOutput = z.object({
  posts: z.array(postSummarySchema),
  nextCursor: z.string().nullable(),
});

export const postBySlugInput = z.strictObject({ slug: postSlugSchema });
export const postBySlugOutput = postSchema;

export const postUpdateInput = z
  .strictObject({
    id: postIdSchema,
    title: z.string().trim().min(1).max(200).optional(),
    body: z.string().trim().min(1).max(50_000).optional(),
    tags: z.array(tagNameSchema).max(8).optional(),
  })
  .refine(
    (input) => input.title !== undefined || input.body !== undefined || input.tags !== undefined,
    "nothing to change",
  );
export const postUpdateOutput = postSchema;

export const postTagsOutput = z.object({
  tags: z.array(z.object({ name: z.string(), count: z.number() })),
});

export type PostSummary = z.infer<typeof postSummarySchema>;
export type Post = z.infer<typeof postSchema>;
export type PostList = z.infer<typeof postListOutput>;
export type Comment = z.infer<typeof commentSchema>;
export type PostTags = z.infer<typeof postTagsOutput>;
