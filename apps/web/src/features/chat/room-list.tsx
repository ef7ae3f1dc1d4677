import { Link } from "@tanstack/react-router";
import { Hash } from "lucide-react";
import { paths } from "../../app/paths.ts";
import { EmptyState, ErrorState, LoadingState, Skeleton } from "../../components/ui/states.tsx";
import { useRooms } from "./use-rooms.ts";

/** The rooms, with what is unread in each. */
export function RoomList() {
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
  if (data.rooms.length === 0) return <EmptyState title="There are no rooms yet" />;
  return (
    <ul className="space-y-0.5">
      {data.rooms.map((room) => (
        <li key={room.id}>
          <Link
            to={paths.room}
            params={{ room: room.slug }}
            activeProps={{ className: "bg-accent-wash text-accent" }}
            inactiveProps={{
              className: room.unread > 0 ? "text-ink hover:bg-sunken" : "text-ink-soft hover:bg-sunken",
            }}
            className="flex min-h-10 items-center gap-2 rounded-lg px-2.5"
          >
            <Hash aria-hidden="true" className="size-4 shrink-0 opacity-70" />
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
      ))}
    </ul>
  );
}
