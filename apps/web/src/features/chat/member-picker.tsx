import type { User } from "@cardinal/api/schemas";
import { useDeferredValue, useState } from "react";
import { Avatar } from "../../components/ui/avatar.tsx";
import { Field } from "../../components/ui/field.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { useMe } from "../../lib/me.ts";
import { trpc } from "../../lib/trpc.ts";

export interface MemberPickerProps {
  /** What choosing does, such as "Message". */
  action: string;
  isBusy: boolean;
  onPick: (user: User) => void;
}

/** Finds a member by name. */
export function MemberPicker({ action, isBusy, onPick }: MemberPickerProps) {
  const me = useMe();
  const [text, setText] = useState("");
  const query = useDeferredValue(text.trim());
  const { data, error, isFetching } = trpc.user.search.useQuery({ query }, { enabled: query !== "", staleTime: 30_000 });
  const found = query === "" ? [] : (data?.users.filter(({ id }) => id !== me.id) ?? []);
  return (
    <div>
      <Field label="Name" type="search" autoComplete="off" value={text} onChange={(event) => setText(event.target.value)} />
      <p role="status" className="min-h-6 pt-1 text-sm text-ink-faint">
        {error ? faultText(error) : query !== "" && !isFetching && found.length === 0 ? "Nobody of that name." : ""}
      </p>
      <ul aria-label="Members found" className="max-h-64 overflow-y-auto">
        {found.map((user) => (
          <li key={user.id}>
            <button
              type="button"
              disabled={isBusy}
              aria-label={`${action} ${user.displayName}`}
              onClick={() => onPick(user)}
              className="flex min-h-11 w-full items-center gap-3 rounded-lg px-2 text-left hover:bg-sunken disabled:opacity-60"
            >
              <Avatar user={user} size="small" />
              <span className="truncate">{user.displayName}</span>
              <span className="ml-auto text-sm text-ink-faint">@{user.username}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
