import type { PostSummary } from "@cardinal/api/schemas";
import { Link } from "@tanstack/react-router";
import { paths } from "../../app/paths.ts";
import { formatDate } from "../../lib/format-time.ts";

/** A post in a list. */
export function PostCard({ post }: { post: PostSummary }) {
  return (
    <article className="group border-b border-line py-7 first:pt-0 last:border-0">
      <p className="text-sm text-ink-faint">
        <time dateTime={new Date(post.publishedAtMs).toISOString()}>{formatDate(post.publishedAtMs)}</time> ·{" "}
        {post.author.displayName} · {post.readingMinutes} min
      </p>
      <h2 className="mt-1.5 font-display text-2xl leading-snug font-semibold">
        <Link to={paths.post} params={{ slug: post.slug }} className="hover:text-accent">
          {post.title}
        </Link>
      </h2>
      <p className="mt-2 text-ink-soft">{post.excerpt}</p>
      <ul className="mt-3 flex flex-wrap gap-2">
        {post.tags.map((tag) => (
          <li key={tag}>
            <Link
              to={paths.blog}
              search={{ tag }}
              className="inline-flex min-h-7 items-center rounded-full bg-sunken px-2.5 text-sm text-ink-soft hover:text-ink"
            >
              {tag}
            </Link>
          </li>
        ))}
      </ul>
    </article>
  );
}
