import type { RoomView as Room } from "@cardinal/api/schemas";
import { Button } from "../../components/ui/button.tsx";
import { Dialog } from "../../components/ui/dialog.tsx";
import { formatFull } from "../../lib/format-time.ts";
import { useMe } from "../../lib/me.ts";
import { trpc } from "../../lib/trpc.ts";
import { jumpTo } from "./jump-to.ts";
import { roomSession } from "./room-session.ts";
import { useMessageChanges } from "./use-message-changes.ts";

/** The pinned messages of a room, the newest pin first, and the way to each. */
export function PinsDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const me = useMe();
  const { data } = trpc.chat.pins.useQuery({ roomId: room.id });
  const { changes } = useMessageChanges(roomSession(room.id).feed);
  const mayChange = room.archivedAtMs === null && (room.role !== "member" || me.role === "admin");
  const messages = data?.messages ?? [];
  return (
    <Dialog title={`Pinned in ${room.name}`} onClose={onClose}>
      {messages.length === 0 && <p className="py-4 text-ink-soft">Nothing is pinned here.</p>}
      <ul aria-label="Pinned messages" className="-mx-2 max-h-96 space-y-1 overflow-y-auto" tabIndex={0}>
        {messages.map((message) => (
          <li key={message.id} className="rounded-lg px-2 py-2 hover:bg-sunken">
            <p className="flex flex-wrap items-baseline gap-x-2 text-sm">
              <span className="font-semibold">{message.author.displayName}</span>
              <time dateTime={new Date(message.createdAtMs).toISOString()} className="text-xs text-ink-faint">
                {formatFull(message.createdAtMs)}
              </time>
            </p>
            <p className="line-clamp-3 break-words whitespace-pre-wrap">{message.body}</p>
            <p className="mt-1 flex gap-2">
              <Button
                small
                onClick={() => {
                  onClose();
                  jumpTo(message.id);
                }}
              >
                Go to the message
              </Button>
              {mayChange && (
                <Button small look="quiet" onClick={() => changes.pin(message, false)}>
                  Take the pin off
                </Button>
              )}
            </p>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
