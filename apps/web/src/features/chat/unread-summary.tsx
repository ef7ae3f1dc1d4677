import { Link } from "@tanstack/react-router";
import { paths } from "../../app/paths.ts";
import { ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { useRooms } from "./use-rooms.ts";

const SHOWN = 4;

/** The rooms with something new, for the home page. */
export function UnreadSummary() {
  const { data, error, refetch } = useRooms();
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingState label="Loading rooms" />;
  const rooms = data.rooms.filter(({ isMember, unread }) => isMember && unread > 0).slice(0, SHOWN);
  if (rooms.length === 0) return <p className="text-ink-soft">You have read everything.</p>;
  return (
    <ul className="divide-y divide-line">
      {rooms.map((room) => (
        <li key={room.id}>
          <Link
            to={paths.room}
            params={{ room: room.slug }}
            className="flex min-h-11 items-center justify-between gap-3 hover:text-accent"
          >
            <span className="font-medium">{room.name}</span>
            <span className="text-sm text-ink-soft tabular-nums">{room.unread} new</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
