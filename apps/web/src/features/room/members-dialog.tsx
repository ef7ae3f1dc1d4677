import type { RoomView as Room } from "@cardinal/api/schemas";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Dialog } from "../../components/ui/dialog.tsx";
import { ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { Tabs } from "../../components/ui/tabs.tsx";
import { useMe } from "../../lib/me.ts";
import { trpc } from "../../lib/trpc.ts";
import { BanList } from "./ban-list.tsx";
import { MemberRow } from "./member-row.tsx";

const PAGE = 100;

/** Who is in a room and may do what; for those who look after it also what can be done about them. */
export function MembersDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const me = useMe();
  const [shown, setShown] = useState<"members" | "bans">("members");
  const looksAfter = room.role !== "member" || me.role === "admin";
  return (
    <Dialog title={`Members of ${room.name}`} onClose={onClose}>
      {looksAfter && (
        <Tabs
          label="Show"
          value={shown}
          options={{ members: "Members", bans: "Banned" }}
          onChange={setShown}
        />
      )}
      {shown === "members" ? <Members room={room} /> : <BanList room={room} />}
    </Dialog>
  );
}

function Members({ room }: { room: Room }) {
  const [after, setAfter] = useState<string | null>(null);
  const { data, error, refetch } = trpc.room.members.useQuery(
    { roomId: room.id, limit: PAGE, ...(after !== null && { after }) },
    { staleTime: 0 },
  );
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingState label="Loading members" />;
  const last = data.members.at(-1)?.username;
  return (
    <>
      <ul aria-label="Members" className="-mx-2 max-h-96 overflow-y-auto" tabIndex={0}>
        {data.members.map((member) => (
          <MemberRow key={member.id} room={room} member={member} />
        ))}
      </ul>
      {(after !== null || data.hasMore) && (
        <p className="mt-3 flex gap-2">
          <Button small disabled={after === null} onClick={() => setAfter(null)}>
            From the beginning
          </Button>
          <Button small disabled={!data.hasMore} onClick={() => setAfter(last ?? null)}>
            More
          </Button>
        </p>
      )}
    </>
  );
}
