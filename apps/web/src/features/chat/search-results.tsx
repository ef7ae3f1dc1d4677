import type { SearchHit } from "@cardinal/api/schemas";
import { Link } from "@tanstack/react-router";
import type { KeyboardEvent } from "react";
import { paths } from "../../app/paths.ts";
import { Avatar } from "../../components/ui/avatar.tsx";
import { formatFull } from "../../lib/format-time.ts";
import { SearchSnippet } from "./search-snippet.tsx";

/** The arrow keys move from where one types to the first result, from one to the next, and back. */
export function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const search = event.currentTarget.closest("search");
  const places = [...(search?.querySelectorAll<HTMLElement>("[data-result], input[data-query]") ?? [])];
  const at = places.indexOf(event.currentTarget);
  const next = places[event.key === "ArrowDown" ? at + 1 : at - 1];
  if (at === -1 || !next) return;
  event.preventDefault();
  next.focus();
}

export function SearchResults({ hits, onOpen }: { hits: readonly SearchHit[]; onOpen: () => void }) {
  return (
    <ul aria-label="Messages found" className="-mx-2">
      {hits.map(({ room, message, snippet }) => (
        <li key={message.id}>
          <Link
            to={paths.room}
            params={{ room: room.slug }}
            search={{ message: message.id }}
            onClick={onOpen}
            onKeyDown={moveFocus}
            preload={false}
            data-result
            className="flex gap-3 rounded-lg px-2 py-2.5 hover:bg-sunken focus-visible:bg-sunken"
          >
            <Avatar user={message.author} size="small" className="mt-0.5" />
            <span className="min-w-0 flex-1">
              <span className="flex flex-wrap items-baseline gap-x-2 text-sm">
                <span className="font-semibold">{message.author.displayName}</span>
                <span className="text-ink-soft">in {room.name}</span>
                <time dateTime={new Date(message.createdAtMs).toISOString()} className="text-xs text-ink-faint">
                  {formatFull(message.createdAtMs)}
                </time>
              </span>
              <SearchSnippet snippet={snippet} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
