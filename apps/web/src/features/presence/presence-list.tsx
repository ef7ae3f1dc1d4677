import clsx from "clsx";
import { MessageCircle } from "lucide-react";
import { Avatar } from "../../components/ui/avatar.tsx";
import { LoadingState, Skeleton } from "../../components/ui/states.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { useMe } from "../../lib/me.ts";
import { useStore } from "../../lib/store.ts";
import { useIsAway } from "../../lib/use-connection.ts";
import { presenceTopic } from "./presence-topic.ts";

const STATE_LABELS: Readonly<Record<string, string>> = { idle: "Idle", away: "Away" };

export interface PresenceListProps {
  room: string;
  /** Begins a conversation with somebody who is here. Absent: there is no such thing here. */
  onWriteTo?: ((userId: string) => void) | undefined;
}

/** Who is in a room now, one line per person however many windows he has open. */
export function PresenceList({ room, onWriteTo }: PresenceListProps) {
  const me = useMe();
  const { value, error } = useStore(presenceTopic(room));
  const isAway = useIsAway();

  return (
    <section aria-labelledby="presence" className="flex h-full flex-col">
      <h2 id="presence" className="px-4 pt-4 pb-2 text-sm font-semibold text-ink-soft">
        Here now{value ? ` · ${value.users.length}` : ""}
      </h2>
      {isAway && <p className="px-4 pb-2 text-sm text-warn">As it was before the connection went.</p>}
      <div
        className="min-h-0 flex-1 overflow-y-auto px-2 pb-4"
        tabIndex={0}
        role="region"
        aria-label="People here now"
      >
        {error !== null && <p className="px-2 text-sm text-ink-soft">{faultText(error)}</p>}
        {!value && error === null && (
          <LoadingState label="Loading who is here">
            <div className="space-y-3 px-2">
              <Skeleton className="h-6" />
              <Skeleton className="h-6" />
            </div>
          </LoadingState>
        )}
        {value && (
          <ul aria-label="Here now" className={clsx(isAway && "opacity-70")}>
            {value.users.map(({ user, state }) => (
              <li key={user.id} className="flex min-h-10 items-center gap-2.5 rounded-lg px-2">
                <span className="relative">
                  <Avatar user={user} size="small" />
                  <span
                    aria-hidden="true"
                    className={clsx(
                      "absolute -right-0.5 -bottom-0.5 size-2.5 rounded-full border-2 border-surface",
                      STATE_LABELS[state] ? "bg-warn" : "bg-ok",
                    )}
                  />
                </span>
                <span className="truncate text-sm">{user.displayName}</span>
                {STATE_LABELS[state] && <span className="text-xs text-ink-faint">{STATE_LABELS[state]}</span>}
                {onWriteTo && user.id !== me.id && (
                  <button
                    type="button"
                    aria-label={`Write to ${user.displayName}`}
                    title={`Write to ${user.displayName}`}
                    onClick={() => onWriteTo(user.id)}
                    className="ml-auto inline-flex size-8 items-center justify-center rounded-md text-ink-faint hover:bg-sunken hover:text-ink"
                  >
                    <MessageCircle aria-hidden="true" className="size-4" />
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
