import { useSearch } from "@tanstack/react-router";
import { Page } from "../../components/ui/page.tsx";
import { PostList } from "../../features/post/post-list.tsx";
import { TagFilter } from "../../features/post/tag-filter.tsx";
import { useTitle } from "../../lib/use-title.ts";

export function BlogRoute() {
  const { tag } = useSearch({ from: "/shell/blog" });
  useTitle(tag ? `Blog: ${tag}` : "Blog");
  return (
    <Page title="Blog" lead="Notes from those who build and those who play.">
      <TagFilter current={tag} />
      <PostList tag={tag} />
    </Page>
  );
}
