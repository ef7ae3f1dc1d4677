import { Link, useParams } from "@tanstack/react-router";
import { Hash, Users } from "lucide-react";
import { useState } from "react";
import { buttonClass } from "../../components/ui/button.tsx";
import { ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { JoinRoom } from "../../features/chat/join-room.tsx";
import { RoomList } from "../../features/chat/room-list.tsx";
import { RoomView } from "../../features/chat/room-view.tsx";
import { PresenceList } from "../../features/presence/presence-list.tsx";
import { trpc } from "../../lib/trpc.ts";
import { useTitle } from "../../lib/use-title.ts";
import { paths } from "../paths.ts";
import { RoomPicker } from "./room-picker.tsx";

export function ChatRoute() {
  const { room: slug } = useParams({ from: "/shell/chat/$room" });
  const { data: room, error, refetch } = trpc.room.get.useQuery({ slug });
  const [showsPeople, setShowsPeople] = useState(false);
  useTitle(room?.name ?? "Chat");

  return (
    <div className="flex h-full">
      <nav
        aria-label="Rooms"
        className="hidden w-60 shrink-0 overflow-y-auto border-r border-line bg-surface p-3 md:block"
      >
        <h2 className="px-2.5 pt-1 pb-2 text-sm font-semibold text-ink-soft">Rooms</h2>
        <RoomList />
      </nav>
      <section aria-label={room?.name ?? "Room"} className="flex min-w-0 flex-1 flex-col">
        <header className="flex min-h-14 items-center gap-2 border-b border-line px-4 sm:px-6">
          <h1 className="sr-only items-center gap-1.5 text-lg font-semibold md:not-sr-only md:flex">
            <Hash aria-hidden="true" className="size-4.5 text-ink-faint" />
            {room?.name ?? "…"}
          </h1>
          <RoomPicker current={slug} />
          {room && <p className="hidden truncate text-sm text-ink-soft lg:block">{room.topic}</p>}
          <span className="flex-1" />
          {room?.isMember && (
            <button
              type="button"
              aria-pressed={showsPeople}
              onClick={() => setShowsPeople(!showsPeople)}
              className={`${buttonClass("quiet", true)} xl:hidden`}
            >
              <Users aria-hidden="true" className="size-4" />
              People
            </button>
          )}
        </header>
        <div className="relative flex min-h-0 flex-1">
          <div className="flex min-w-0 flex-1 flex-col">
            {error && !room && (
              <div className="p-6">
                <ErrorState error={error} onRetry={() => void refetch()} />
                <p className="mt-4 text-center">
                  <Link to={paths.chat} className="text-accent underline underline-offset-2">
                    To the rooms
                  </Link>
                </p>
              </div>
            )}
            {!error && !room && (
              <div className="p-6">
                <LoadingState label="Loading the room" />
              </div>
            )}
            {room && !room.isMember && <JoinRoom room={room} />}
            {room?.isMember && <RoomView key={room.id} room={room} />}
          </div>
          {room?.isMember && (
            <aside
              className={`${showsPeople ? "absolute inset-y-0 right-0 z-20 block shadow-lift xl:static xl:shadow-none" : "hidden xl:block"} w-60 shrink-0 border-l border-line bg-surface`}
            >
              <PresenceList room={room.id} />
            </aside>
          )}
        </div>
      </section>
    </div>
  );
}
