import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { paths } from "../../app/paths.ts";
import { Button } from "../../components/ui/button.tsx";
import { trpc } from "../../lib/trpc.ts";

const SHOWN = 8;

const chip = (isOn: boolean) =>
  `inline-flex min-h-8 items-center rounded-full px-3 text-sm ${isOn ? "bg-accent-fill font-medium text-white" : "bg-sunken text-ink-soft hover:text-ink"}`;

/** The tags, each an address of the list. Without an answer the list simply has no filter. */
export function TagFilter({ current }: { current: string | undefined }) {
  const { data } = trpc.post.tags.useQuery();
  const [showsAll, setShowsAll] = useState(false);
  if (!data || data.tags.length === 0) return null;
  const shown = data.tags.filter(({ name }, index) => showsAll || index < SHOWN || name === current);
  const hidden = data.tags.length - shown.length;
  return (
    <nav aria-label="Tags" className="mb-8 flex flex-wrap gap-2">
      <Link
        to={paths.blog}
        search={{}}
        aria-current={current === undefined ? "page" : undefined}
        className={chip(current === undefined)}
      >
        All
      </Link>
      {shown.map(({ name, count }) => (
        <Link
          key={name}
          to={paths.blog}
          search={{ tag: name }}
          aria-current={name === current ? "page" : undefined}
          className={chip(name === current)}
        >
          {name}&nbsp;<span className="opacity-80">{count}</span>
        </Link>
      ))}
      {hidden > 0 && (
        <Button look="quiet" small className="rounded-full" onClick={() => setShowsAll(true)}>
          {hidden} more
        </Button>
      )}
    </nav>
  );
}
