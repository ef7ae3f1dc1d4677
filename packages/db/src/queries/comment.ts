import { and, asc, eq, isNull } from "drizzle-orm";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { newId } from "../new-id.ts";
import { comment, type CommentRow } from "../schema/post.ts";
import { user } from "../schema/user.ts";
import { userSummaryColumns, type UserSummary } from "./user.ts";

export type CommentWithAuthor = Pick<CommentRow, "id" | "postId" | "body" | "createdAtMs" | "editedAtMs"> & {
  author: UserSummary;
};

const COMMENTS_SHOWN = 500;

/** Adds a comment. The write fails with `ForeignKeyViolation` if the post does not exist. */
export function create(
  tx: WriteTransaction,
  input: { id?: string; postId: string; authorId: string; body: string; nowMs: number },
): CommentRow {
  return tx.orm
    .insert(comment)
    .values({
      id: input.id ?? newId(),
      postId: input.postId,
      authorId: input.authorId,
      body: input.body,
      createdAtMs: input.nowMs,
    })
    .returning()
    .get();
}

/** The comments of a post that were not deleted, oldest first. */
export function listByPost(tx: ReadTransaction, postId: string): CommentWithAuthor[] {
  return tx.orm
    .select({
      id: comment.id,
      postId: comment.postId,
      body: comment.body,
      createdAtMs: comment.createdAtMs,
      editedAtMs: comment.editedAtMs,
      author: userSummaryColumns,
    })
    .from(comment)
    .innerJoin(user, eq(user.id, comment.authorId))
    .where(and(eq(comment.postId, postId), isNull(comment.deletedAtMs)))
    .orderBy(asc(comment.createdAtMs), asc(comment.id))
    .limit(COMMENTS_SHOWN)
    .all();
}

/** Takes a comment's text away. Returns whether there was one to take. */
export function remove(tx: WriteTransaction, id: string, nowMs: number): boolean {
  const there = and(eq(comment.id, id), isNull(comment.deletedAtMs));
  return tx.orm.update(comment).set({ body: "", deletedAtMs: nowMs }).where(there).run().changes > 0;
}
