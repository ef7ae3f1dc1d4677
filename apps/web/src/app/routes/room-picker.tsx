import { useNavigate } from "@tanstack/react-router";
import { useRooms } from "../../features/chat/use-rooms.ts";
import { paths } from "../paths.ts";

/** The rooms on a narrow screen, where there is no room for a list. */
export function RoomPicker({ current, name }: { current: string; name: string }) {
  const { data } = useRooms();
  const navigate = useNavigate();
  return (
    <select
      aria-label="Room"
      value={current}
      onChange={(event) => void navigate({ to: paths.room, params: { room: event.target.value } })}
      className="min-h-10 min-w-0 flex-1 rounded-lg border border-line bg-surface px-2 font-semibold md:hidden"
    >
      {!data?.rooms.some(({ slug }) => slug === current) && <option value={current}>{name}</option>}
      {data?.rooms.map((room) => (
        <option key={room.id} value={room.slug}>
          {room.unread > 0 && room.isMember ? `${room.name} (${room.unread})` : room.name}
        </option>
      ))}
    </select>
  );
}
