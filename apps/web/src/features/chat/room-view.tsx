import type { RoomView as Room } from "@cardinal/api/schemas";
import { useState } from "react";
import { EmptyState, ErrorState, LoadingState, Skeleton } from "../../components/ui/states.tsx";
import { useMe } from "../../lib/me.ts";
import { Announcer } from "./announcer.tsx";
import { Composer } from "./composer.tsx";
import { MessageList } from "./message-list.tsx";
import { useMarkRead } from "./use-mark-read.ts";
import { useRoomSession } from "./use-room-session.ts";

/** A room a member is in: its history, live, and the composer. */
export function RoomView({ room }: { room: Room }) {
  const me = useMe();
  const { session, state, outgoing } = useRoomSession(room.id);
  const [isAtEnd, setAtEnd] = useState(true);
  // Where reading left off when the room was opened; it stays while the page is open.
  const [unreadFrom] = useState(room.unread > 0 ? room.headMessageNumber - room.unread + 1 : null);
  const { log, error } = state;
  useMarkRead(room.id, log?.messages.at(-1)?.number ?? null, isAtEnd);
  const isEmpty = log?.messages.length === 0 && outgoing.length === 0;

  return (
    <>
      {!log && error === null && (
        <div className="flex-1 overflow-hidden p-6">
          <LoadingState label="Loading messages">
            {[1, 2, 3, 4, 5].map((row) => (
              <div key={row} className="mb-6 flex gap-3">
                <Skeleton className="size-9 rounded-full" />
                <div className="flex-1 space-y-2">
                  <Skeleton className="h-4 w-32" />
                  <Skeleton className="h-4 w-3/5" />
                </div>
              </div>
            ))}
          </LoadingState>
        </div>
      )}
      {!log && error !== null && (
        <div className="flex-1 p-6">
          <ErrorState error={error} onRetry={() => session.feed.reload()} />
        </div>
      )}
      {log && error !== null && (
        <div className="px-4 pt-3">
          <ErrorState error={error} onRetry={() => session.feed.reload()} />
        </div>
      )}
      {log && isEmpty && (
        <div className="flex flex-1 items-center justify-center p-6">
          <EmptyState title="Nothing has been said here yet">Say hello and be the first.</EmptyState>
        </div>
      )}
      {log && !isEmpty && (
        <MessageList
          session={session}
          state={state}
          log={log}
          outgoing={outgoing}
          unreadFrom={unreadFrom}
          onAtEnd={setAtEnd}
        />
      )}
      <Announcer arrivals={state.arrivals} meId={me.id} />
      <Composer roomId={room.id} roomName={room.name} onSend={session.send} />
    </>
  );
}
