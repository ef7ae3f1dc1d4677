import { Link } from "@tanstack/react-router";
import { paths } from "../../app/paths.ts";
import { ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { formatDate } from "../../lib/format-time.ts";
import { trpc } from "../../lib/trpc.ts";

const SHOWN = 3;

/** The newest posts, for the home page. */
export function LatestPosts() {
  const { data, error, refetch } = trpc.post.list.useQuery({ limit: SHOWN });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingState label="Loading posts" />;
  if (data.posts.length === 0) return <p className="text-ink-soft">Nothing published yet.</p>;
  return (
    <ul className="divide-y divide-line">
      {data.posts.map((post) => (
        <li key={post.id} className="py-2.5">
          <Link to={paths.post} params={{ slug: post.slug }} className="font-medium hover:text-accent">
            {post.title}
          </Link>
          <p className="text-sm text-ink-faint">
            {post.author.displayName} · {formatDate(post.publishedAtMs)}
          </p>
        </li>
      ))}
    </ul>
  );
}
