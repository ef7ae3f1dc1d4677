import { Button } from "../../components/ui/button.tsx";
import { EmptyState, ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { trpc } from "../../lib/trpc.ts";
import { PostCard } from "./post-card.tsx";

/** The posts, newest first, of one tag or of all. */
export function PostList({ tag }: { tag: string | undefined }) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    trpc.post.list.useInfiniteQuery(tag === undefined ? {} : { tag }, {
      getNextPageParam: ({ nextCursor }) => nextCursor,
    });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingState label="Loading posts" />;
  const posts = data.pages.flatMap((page) => page.posts);
  if (posts.length === 0)
    return <EmptyState title={tag ? `Nothing tagged “${tag}”` : "Nothing published yet"} />;
  return (
    <>
      {posts.map((post) => (
        <PostCard key={post.id} post={post} />
      ))}
      {error && (
        <p role="alert" className="mt-4 text-sm text-accent">
          {faultText(error)}
        </p>
      )}
      {hasNextPage && (
        <Button className="mt-6" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Older posts
        </Button>
      )}
    </>
  );
}
