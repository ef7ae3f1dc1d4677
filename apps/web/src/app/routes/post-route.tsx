import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { PostViews } from "../../features/counter/post-views.tsx";
import { PostView } from "../../features/post/post-view.tsx";
import { paths } from "../paths.ts";

export function PostRoute() {
  const { slug } = useParams({ from: "/shell/blog/$slug" });
  return (
    <div className="h-full overflow-y-auto" tabIndex={0} role="region" aria-label="Post">
      <div className="mx-auto max-w-2xl px-5 pt-6 pb-20">
        <Link
          to={paths.blog}
          search={{}}
          className="mb-6 inline-flex min-h-9 items-center gap-1.5 text-sm text-ink-soft hover:text-ink"
        >
          <ArrowLeft aria-hidden="true" className="size-4" />
          All posts
        </Link>
        <PostView key={slug} slug={slug} figures={<PostViews slug={slug} />} />
      </div>
    </div>
  );
}
