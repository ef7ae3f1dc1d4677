import type { RoomView as Room } from "@cardinal/api/schemas";
import { Link } from "@tanstack/react-router";
import { Archive, Hash, Lock, Plus } from "lucide-react";
import { useState } from "react";
import type { ReactNode } from "react";
import { paths } from "../../app/paths.ts";
import { Avatar } from "../../components/ui/avatar.tsx";
import { ErrorState, LoadingState, Skeleton } from "../../components/ui/states.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { trpc } from "../../lib/trpc.ts";
import { useRooms } from "./use-rooms.ts";

export interface RoomListProps {
  onNewRoom: () => void;
  onNewDirect: () => void;
}

/** The rooms and conversations, with what is unread in each. */
export function RoomList({ onNewRoom, onNewDirect }: RoomListProps) {
  const { data, error, refetch } = useRooms();
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) {
    return (
      <LoadingState label="Loading rooms">
        <div className="space-y-3 p-2">
          {[1, 2, 3, 4].map((row) => (
            <Skeleton key={row} className="h-7" />
          ))}
        </div>
      </LoadingState>
    );
  }
  const direct = data.rooms.filter(({ partner }) => partner !== null);
  return (
    <>
      <RoomSection title="Rooms" action="New room" onAction={onNewRoom}>
        {data.rooms
          .filter(({ partner }) => partner === null)
          .map((room) => (
            <RoomLink key={room.id} room={room} />
          ))}
      </RoomSection>
      <RoomSection title="Conversations" action="Write to somebody" onAction={onNewDirect}>
        {direct.map((room) => (
          <RoomLink key={room.id} room={room} />
        ))}
        {direct.length === 0 && <li className="px-2.5 text-sm text-ink-faint">None yet</li>}
      </RoomSection>
      <ArchivedRooms />
    </>
  );
}

/** The rooms that are no longer written in, on demand. */
function ArchivedRooms() {
  const [isOpen, setOpen] = useState(false);
  const { data, error } = trpc.room.list.useQuery({ archived: true }, { enabled: isOpen });
  return (
    <section className="pb-4">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex min-h-8 w-full items-center gap-1.5 rounded-md px-2.5 text-sm text-ink-soft hover:bg-sunken"
      >
        <Archive aria-hidden="true" className="size-4 opacity-70" />
        Archived rooms
      </button>
      {isOpen && (
        <ul className="space-y-0.5">
          {data?.rooms.map((room) => (
            <RoomLink key={room.id} room={room} />
          ))}
          {data?.rooms.length === 0 && <li className="px-2.5 text-sm text-ink-faint">None</li>}
          {error && <li className="px-2.5 text-sm text-accent">{faultText(error)}</li>}
        </ul>
      )}
    </section>
  );
}

interface RoomSectionProps {
  title: string;
  action: string;
  onAction: () => void;
  children: ReactNode;
}

function RoomSection({ title, action, onAction, children }: RoomSectionProps) {
  return (
    <section className="pb-4">
      <h2 className="flex items-center justify-between py-1 pl-2.5 text-sm font-semibold text-ink-soft">
        {title}
        <button
          type="button"
          aria-label={action}
          title={action}
          onClick={onAction}
          className="inline-flex size-8 items-center justify-center rounded-md hover:bg-sunken hover:text-ink"
        >
          <Plus aria-hidden="true" className="size-4" />
        </button>
      </h2>
      <ul className="space-y-0.5">{children}</ul>
    </section>
  );
}

function RoomLink({ room }: { room: Room }) {
  const Icon = room.visibility === "private" ? Lock : Hash;
  return (
    <li>
      <Link
        to={paths.room}
        params={{ room: room.slug }}
        activeProps={{ className: "bg-accent-wash text-accent" }}
        inactiveProps={{
          className: room.unread > 0 ? "text-ink hover:bg-sunken" : "text-ink-soft hover:bg-sunken",
        }}
        className="flex min-h-10 items-center gap-2 rounded-lg px-2.5"
      >
        {room.partner ? (
          <Avatar user={room.partner} size="small" />
        ) : (
          <Icon aria-hidden="true" className="size-4 shrink-0 opacity-70" />
        )}
        <span className={`flex-1 truncate ${room.unread > 0 && room.isMember ? "font-semibold" : ""}`}>
          {room.name}
        </span>
        {room.isMember && room.unread > 0 && (
          <span className="rounded-full bg-accent-fill px-2 py-0.5 text-xs font-semibold text-white tabular-nums">
            {room.unread > 99 ? "99+" : room.unread}
            <span className="sr-only"> unread</span>
          </span>
        )}
        {!room.isMember && <span className="text-xs text-ink-faint">not joined</span>}
      </Link>
    </li>
  );
}
