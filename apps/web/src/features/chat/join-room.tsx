import type { RoomView as Room } from "@cardinal/api/schemas";
import { Button } from "../../components/ui/button.tsx";
import { EmptyState } from "../../components/ui/states.tsx";
import { api } from "../../lib/api-client.ts";
import { useSanctionEnd } from "./use-sanction-end.ts";
import { faultText } from "../../lib/fault-text.ts";
import { sanctionText } from "../../lib/sanction-text.ts";
import { trpc } from "../../lib/trpc.ts";

/** A room seen from outside, with the way in. */
export function JoinRoom({ room }: { room: Room }) {
  const join = trpc.room.join.useMutation({
    onSuccess: async (joined) => {
      api.room.get.setData({ slug: joined.slug }, joined);
      await api.room.list.invalidate();
    },
  });
  useSanctionEnd(room.ban);
  if (room.ban !== null) {
    return (
      <div className="flex flex-1 items-center justify-center p-6">
        <EmptyState title={`You are banned from ${room.name}`}>
          <p>It stays closed to you {sanctionText(room.ban)}</p>
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="flex flex-1 items-center justify-center p-6">
      <EmptyState title={`You have not joined ${room.name}`}>
        <p>
          {room.memberCount} {room.memberCount === 1 ? "member" : "members"}. {room.archivedAtMs === null ? "Join to read along and write." : "It is archived: join to read along."}
        </p>
        <Button
          look="primary"
          className="mt-4"
          busy={join.isPending}
          onClick={() => join.mutate({ roomId: room.id })}
        >
          Join {room.name}
        </Button>
        {join.error && (
          <p role="alert" className="mt-3 text-sm text-accent">
            {faultText(join.error)}
          </p>
        )}
      </EmptyState>
    </div>
  );
}
