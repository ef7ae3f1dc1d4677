import { Navigate } from "@tanstack/react-router";
import { EmptyState, ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { useRooms } from "../../features/chat/use-rooms.ts";
import { paths } from "../paths.ts";

/** Chat without a room: the first one the member is in. */
export function ChatIndexRoute() {
  const { data, error, refetch } = useRooms();
  const room = data?.rooms.find(({ isMember }) => isMember) ?? data?.rooms[0];
  if (room) return <Navigate to={paths.room} params={{ room: room.slug }} replace />;
  return (
    <div className="mx-auto max-w-lg p-8">
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <LoadingState label="Loading rooms" />}
      {data && <EmptyState title="There are no rooms yet" />}
    </div>
  );
}
