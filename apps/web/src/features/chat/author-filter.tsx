import type { User } from "@cardinal/api/schemas";
import { X } from "lucide-react";
import { useState } from "react";
import { inputClass } from "../../components/ui/field.tsx";
import { trpc } from "../../lib/trpc.ts";
import { useSettled } from "../../lib/use-settled.ts";

const SHOWN = 5;

export interface AuthorFilterProps {
  author: User | null;
  onChange: (author: User | null) => void;
}

/** Narrows a search to what one member wrote. */
export function AuthorFilter({ author, onChange }: AuthorFilterProps) {
  const [text, setText] = useState("");
  const query = useSettled(text.trim(), 200);
  const { data } = trpc.user.search.useQuery({ query }, { enabled: query !== "", staleTime: 30_000 });
  const found = text.trim() === "" ? [] : (data?.users.slice(0, SHOWN) ?? []);
  if (author) {
    return (
      <span className="flex min-h-10 items-center gap-1 rounded-lg border border-line-strong/60 bg-sunken pl-3">
        <span className="truncate">By {author.displayName}</span>
        <button
          type="button"
          aria-label={`By anybody, not only ${author.displayName}`}
          onClick={() => onChange(null)}
          className="ml-auto inline-flex size-9 shrink-0 items-center justify-center rounded-md hover:text-accent"
        >
          <X aria-hidden="true" className="size-4" />
        </button>
      </span>
    );
  }
  const pick = (user: User) => {
    setText("");
    onChange(user);
  };
  return (
    <div className="relative">
      <input
        type="search"
        aria-label="Author"
        placeholder="By anybody"
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !found[0]) return;
          event.preventDefault();
          pick(found[0]);
        }}
        className={`${inputClass} min-h-10`}
      />
      {found.length > 0 && (
        <ul
          aria-label="Authors"
          className="absolute inset-x-0 top-full z-10 mt-1 rounded-lg border border-line bg-surface p-1 shadow-lift"
        >
          {found.map((user) => (
            <li key={user.id}>
              <button
                type="button"
                aria-label={`By ${user.displayName}`}
                onClick={() => pick(user)}
                className="flex min-h-10 w-full items-center gap-2 rounded-md px-2 text-left hover:bg-sunken"
              >
                <span className="truncate">{user.displayName}</span>
                <span className="ml-auto text-sm text-ink-faint">@{user.username}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
