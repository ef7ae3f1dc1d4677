import { useStore } from "../../lib/store.ts";
import { postViewsTopic } from "./counter-topic.ts";

/** "3 views", while it changes. Says nothing before it is known. */
export function PostViews({ slug }: { slug: string }) {
  const { value } = useStore(postViewsTopic(slug));
  if (value === null) return null;
  return (
    <>
      {" · "}
      <span data-testid="post-views" className="tabular-nums">
        {value.toLocaleString()} {value === 1 ? "view" : "views"}
      </span>
    </>
  );
}
