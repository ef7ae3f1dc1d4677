import { useStore } from "../../lib/store.ts";
import { presenceTopic } from "./presence-topic.ts";

/** How many members are on the site. Being shown it counts as being on the site. */
export function SiteCount() {
  const { value } = useStore(presenceTopic("site"));
  if (!value) return null;
  return (
    <p className="flex items-center gap-2 px-5 py-4 text-sm text-ink-soft">
      <span aria-hidden="true" className="size-2 rounded-full bg-ok" />
      <span data-testid="site-count">
        {value.users.length === 1 ? "Only you here" : `${value.users.length} online`}
      </span>
    </p>
  );
}
