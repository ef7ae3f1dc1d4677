import type { Comment } from "@cardinal/api/schemas";
import { Avatar } from "../../components/ui/avatar.tsx";
import { formatRelative } from "../../lib/format-time.ts";

/** What members said of a post. */
export function CommentList({ comments }: { comments: readonly Comment[] }) {
  return (
    <section aria-labelledby="comments" className="mt-12 border-t border-line pt-8">
      <h2 id="comments" className="font-display text-xl font-semibold">
        {comments.length === 0 ? "No comments yet" : `${comments.length} comments`}
      </h2>
      <ul className="mt-5 space-y-5">
        {comments.map((comment) => (
          <li key={comment.id} className="flex gap-3">
            <Avatar user={comment.author} />
            <div>
              <p className="text-sm">
                <span className="font-medium">{comment.author.displayName}</span>{" "}
                <span className="text-ink-faint">{formatRelative(comment.createdAtMs)}</span>
              </p>
              <p className="whitespace-pre-wrap">{comment.body}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
