import { Link } from "@tanstack/react-router";
import { Pencil } from "lucide-react";
import { Suspense, lazy, useState } from "react";
import type { ReactNode } from "react";
import { paths } from "../../app/paths.ts";
import { Avatar } from "../../components/ui/avatar.tsx";
import { Button } from "../../components/ui/button.tsx";
import { ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { formatDate, formatRelative } from "../../lib/format-time.ts";
import { useMe } from "../../lib/me.ts";
import { trpc } from "../../lib/trpc.ts";
import { useTitle } from "../../lib/use-title.ts";
import { CommentList } from "./comment-list.tsx";
import { PostEditForm } from "./post-edit-form.tsx";

// Markdown is a third of the page's code: the heading need not wait for it.
const PostBody = lazy(() => import("./post-body.tsx").then((module) => ({ default: module.PostBody })));

/** One post with its comments; its author and admins may change it here. `figures` stands by the date. */
export function PostView({ slug, figures }: { slug: string; figures: ReactNode }) {
  const me = useMe();
  const { data: post, error, refetch } = trpc.post.bySlug.useQuery({ slug });
  const [isEditing, setEditing] = useState(false);
  useTitle(post?.title ?? "Blog");

  if (error && !post) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!post) return <LoadingState label="Loading the post" />;
  if (isEditing) return <PostEditForm post={post} onClose={() => setEditing(false)} />;
  const mayEdit = me.role === "admin" || me.id === post.author.id;
  return (
    <article>
      <header className="mb-8">
        <h1 className="font-display text-4xl leading-tight font-semibold tracking-tight text-balance">
          {post.title}
        </h1>
        <div className="mt-4 flex flex-wrap items-center gap-3 text-sm text-ink-soft">
          <Avatar user={post.author} />
          <p>
            <span className="font-medium text-ink">{post.author.displayName}</span>
            <br />
            <time dateTime={new Date(post.publishedAtMs).toISOString()}>
              {formatDate(post.publishedAtMs)}
            </time>{" "}
            · {post.readingMinutes} min
            {post.updatedAtMs > post.publishedAtMs && ` · changed ${formatRelative(post.updatedAtMs)}`}
            {figures}
          </p>
          <span className="flex-1" />
          {mayEdit && (
            <Button small onClick={() => setEditing(true)}>
              <Pencil aria-hidden="true" className="size-4" />
              Edit
            </Button>
          )}
        </div>
      </header>
      <Suspense fallback={<LoadingState label="Loading the text" />}>
        <PostBody markdown={post.body} />
      </Suspense>
      <ul className="mt-8 flex flex-wrap gap-2">
        {post.tags.map((tag) => (
          <li key={tag}>
            <Link
              to={paths.blog}
              search={{ tag }}
              className="inline-flex min-h-8 items-center rounded-full bg-sunken px-3 text-sm text-ink-soft hover:text-ink"
            >
              {tag}
            </Link>
          </li>
        ))}
      </ul>
      <CommentList comments={post.comments} />
    </article>
  );
}
