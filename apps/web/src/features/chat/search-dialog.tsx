import type { User } from "@cardinal/api/schemas";
import { keepPreviousData } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Dialog } from "../../components/ui/dialog.tsx";
import { inputClass } from "../../components/ui/field.tsx";
import { ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { trpc } from "../../lib/trpc.ts";
import { useSettled } from "../../lib/use-settled.ts";
import { AuthorFilter } from "./author-filter.tsx";
import { moveFocus, SearchResults } from "./search-results.tsx";
import { useRooms } from "./use-rooms.ts";

const MOST_CHARACTERS = 1_000;

/** Finds messages in the rooms the member is in, and leads to them. */
export function SearchDialog({ onClose }: { onClose: () => void }) {
  const id = useId();
  const box = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [roomId, setRoomId] = useState("");
  const [author, setAuthor] = useState<User | null>(null);
  const [sort, setSort] = useState<"newest" | "best">("newest");
  const query = useSettled(text.trim(), 250);
  const rooms = useRooms().data?.rooms.filter(({ isMember }) => isMember) ?? [];
  const found = trpc.chat.search.useInfiniteQuery(
    { query, sort, ...(roomId !== "" && { roomId }), ...(author && { authorId: author.id }) },
    {
      enabled: query !== "",
      getNextPageParam: ({ nextCursor }) => nextCursor,
      placeholderData: keepPreviousData,
      staleTime: 10_000,
    },
  );
  const hits = query === "" ? [] : (found.data?.pages.flatMap((page) => page.hits) ?? []);
  const isDone = query !== "" && found.data !== undefined && !found.isFetching;
  useEffect(() => box.current?.focus(), []);
  const selectClass = `${inputClass} min-h-10`;

  return (
    <Dialog title="Search messages" onClose={onClose} wide>
      <search>
        <label htmlFor={id} className="sr-only">
          Search messages
        </label>
        <input
          ref={box}
          id={id}
          type="search"
          data-query
          autoComplete="off"
          maxLength={MOST_CHARACTERS}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            // Of its own, Escape would only empty the box.
            if (event.key === "Escape") onClose();
            else moveFocus(event);
          }}
          aria-describedby={`${id}-hint`}
          placeholder="What was said?"
          className={`${inputClass} min-h-11`}
        />
        <div className="mt-2 grid gap-2 sm:grid-cols-3">
          <select aria-label="Room" value={roomId} onChange={(event) => setRoomId(event.target.value)} className={selectClass}>
            <option value="">In all my rooms</option>
            {rooms.map((room) => (
              <option key={room.id} value={room.id}>
                In {room.name}
              </option>
            ))}
          </select>
          <AuthorFilter author={author} onChange={setAuthor} />
          <select
            aria-label="Order"
            value={sort}
            onChange={(event) => setSort(event.target.value === "best" ? "best" : "newest")}
            className={selectClass}
          >
            <option value="newest">Newest first</option>
            <option value="best">Best match first</option>
          </select>
        </div>
        <p role="status" className="sr-only">
          {isDone && (hits.length === 0 ? "No message found." : `${hits.length} ${hits.length === 1 ? "message" : "messages"} found.`)}
        </p>
        <div className="mt-3 max-h-[55dvh] min-h-40 overflow-y-auto px-2" tabIndex={-1}>
          <p id={`${id}-hint`} className={query === "" ? "py-10 text-center text-sm text-ink-faint" : "sr-only"}>
            Words in any order, the last one may be unfinished. Put “quotes” around words that follow each other.
          </p>
          {query !== "" && found.error && hits.length === 0 && (
            <ErrorState error={found.error} onRetry={() => void found.refetch()} />
          )}
          {query !== "" && !found.error && !found.data && <LoadingState label="Searching" />}
          <SearchResults hits={hits} onOpen={onClose} />
          {isDone && !found.error && hits.length === 0 && (
            <p className="py-10 text-center text-ink-soft">
              {found.hasNextPage ? "Nothing among the newer messages." : "Nothing was found. Try fewer or other words."}
            </p>
          )}
          {query !== "" && found.error && hits.length > 0 && (
            <p role="alert" className="py-2 text-sm text-accent">
              {faultText(found.error)}
            </p>
          )}
          {query !== "" && found.hasNextPage && (
            <Button small className="my-2" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
              {sort === "newest" ? "Older results" : "More results"}
            </Button>
          )}
        </div>
      </search>
    </Dialog>
  );
}
