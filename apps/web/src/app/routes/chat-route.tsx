import { readFault } from "@cardinal/client/errors";
import { Link, useLocation, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Hash, MessageCirclePlus, Plus, UserPlus, Users } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { Avatar } from "../../components/ui/avatar.tsx";
import { Button, buttonClass } from "../../components/ui/button.tsx";
import { Dialog } from "../../components/ui/dialog.tsx";
import { ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { DirectDialog } from "../../features/chat/direct-dialog.tsx";
import { InviteDialog } from "../../features/chat/invite-dialog.tsx";
import { JoinRoom } from "../../features/chat/join-room.tsx";
import { NewRoomDialog } from "../../features/chat/new-room-dialog.tsx";
import { PinsButton } from "../../features/chat/pins-button.tsx";
import { RoomList } from "../../features/chat/room-list.tsx";
import { RoomView } from "../../features/chat/room-view.tsx";
import { useOpenDirect } from "../../features/chat/use-open-direct.ts";
import { PresenceList } from "../../features/presence/presence-list.tsx";
import { RoomMenu } from "../../features/room/room-menu.tsx";
import { trpc } from "../../lib/trpc.ts";
import { useTitle } from "../../lib/use-title.ts";
import { paths } from "../paths.ts";
import { RoomPicker } from "./room-picker.tsx";

const AuditLog = lazy(async () => ({ default: (await import("../../features/moderation/audit-log.tsx")).AuditLog }));

/** What the room says of itself and of the member is heard at once; a lost message costs this long. */
const REFRESH_MS = 15_000;

export function ChatRoute() {
  const { room: slug } = useParams({ from: "/shell/chat/$room" });
  const { message } = useSearch({ from: "/shell/chat/$room" });
  const key = useLocation({ select: ({ state }) => state.__TSR_key ?? "" });
  const linked = useMemo(() => (message === undefined ? null : { message, key }), [message, key]);
  const { data, error, refetch } = trpc.room.get.useQuery({ slug }, { refetchInterval: REFRESH_MS });
  // A private room that the member was put out of does not exist for him any more.
  const room = readFault(error).reason === "ROOM_NOT_FOUND" ? undefined : data;
  const [showsPeople, setShowsPeople] = useState(false);
  const [dialog, setDialog] = useState<"room" | "direct" | "invite" | "log" | null>(null);
  const navigate = useNavigate();
  const go = (to: { slug: string }) => {
    setDialog(null);
    void navigate({ to: paths.room, params: { room: to.slug } });
  };
  const writeTo = useOpenDirect(go);
  const isOfMany = room?.isMember === true && room.partner === null;
  const mayInvite =
    isOfMany && room.archivedAtMs === null && (room.visibility === "public" || room.role !== "member");
  useTitle(room?.name ?? "Chat");

  return (
    <div className="flex h-full">
      <nav
        aria-label="Rooms"
        className="hidden w-60 shrink-0 overflow-y-auto border-r border-line bg-surface p-3 md:block"
      >
        <RoomList onNewRoom={() => setDialog("room")} onNewDirect={() => setDialog("direct")} />
      </nav>
      <section aria-label={room?.name ?? "Room"} className="flex min-w-0 flex-1 flex-col">
        <header className="flex min-h-14 items-center gap-1 border-b border-line px-3 sm:gap-2 sm:px-6">
          <h1 className="sr-only items-center gap-1.5 text-lg font-semibold md:not-sr-only md:flex">
            {room?.partner ? (
              <Avatar user={room.partner} size="small" />
            ) : (
              <Hash aria-hidden="true" className="size-4.5 text-ink-faint" />
            )}
            {room?.name ?? "…"}
          </h1>
          <RoomPicker current={slug} name={room?.name ?? slug} />
          {room && <p className="hidden truncate text-sm text-ink-soft lg:block">{room.topic}</p>}
          <span className="hidden flex-1 md:block" />
          <Button small look="quiet" aria-label="New room" className="md:hidden" onClick={() => setDialog("room")}>
            <Plus aria-hidden="true" className="size-4" />
          </Button>
          <Button
            small
            look="quiet"
            aria-label="Write to somebody"
            className="md:hidden"
            onClick={() => setDialog("direct")}
          >
            <MessageCirclePlus aria-hidden="true" className="size-4" />
          </Button>
          {mayInvite && (
            <Button small look="quiet" aria-label="Invite" className="max-sm:hidden" onClick={() => setDialog("invite")}>
              <UserPlus aria-hidden="true" className="size-4" />
              <span className="hidden lg:inline">Invite</span>
            </Button>
          )}
          {room?.isMember && <PinsButton key={room.id} room={room} />}
          {isOfMany && (
            <RoomMenu
              key={`menu ${room.id}`}
              room={room}
              onInvite={mayInvite ? () => setDialog("invite") : undefined}
              onLog={() => setDialog("log")}
              onLeft={() => void navigate({ to: paths.chat })}
            />
          )}
          {room?.isMember && (
            <button
              type="button"
              aria-pressed={showsPeople}
              onClick={() => setShowsPeople(!showsPeople)}
              className={`${buttonClass("quiet", true)} xl:hidden`}
            >
              <Users aria-hidden="true" className="size-4" />
              <span className="sr-only sm:not-sr-only">People</span>
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
            {room?.isMember && <RoomView key={room.id} room={room} linked={linked} />}
          </div>
          {room?.isMember && (
            <aside
              className={`${showsPeople ? "absolute inset-y-0 right-0 z-20 block shadow-lift xl:static xl:shadow-none" : "hidden xl:block"} w-60 shrink-0 border-l border-line bg-surface`}
            >
              <PresenceList
                room={room.id}
                onWriteTo={room.partner === null ? (userId) => writeTo.mutate({ userId }) : undefined}
              />
            </aside>
          )}
        </div>
      </section>
      {dialog === "room" && <NewRoomDialog onClose={() => setDialog(null)} onCreated={go} />}
      {dialog === "direct" && <DirectDialog onClose={() => setDialog(null)} onOpened={go} />}
      {dialog === "log" && room && (
        <Dialog title={`What was done in ${room.name}`} onClose={() => setDialog(null)}>
          <div className="max-h-96 overflow-y-auto" tabIndex={0} role="region" aria-label="Log">
            <Suspense fallback={<LoadingState label="Loading the log" />}>
              <AuditLog roomId={room.id} />
            </Suspense>
          </div>
        </Dialog>
      )}
      {dialog === "invite" && room && <InviteDialog room={room} onClose={() => setDialog(null)} />}
    </div>
  );
}
