import type { RoomView as Room } from "@cardinal/api/schemas";
import { Archive, ArchiveRestore, Ellipsis, LogOut, ScrollText, Settings, UserPlus, Users } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { MenuButton } from "../../components/ui/menu-button.tsx";
import { useMe } from "../../lib/me.ts";

const MembersDialog = lazy(async () => ({ default: (await import("./members-dialog.tsx")).MembersDialog }));
const ConfirmDialog = lazy(async () => ({ default: (await import("./confirm-dialog.tsx")).ConfirmDialog }));
const RoomSettingsDialog = lazy(async () => ({
  default: (await import("./room-settings-dialog.tsx")).RoomSettingsDialog,
}));

export interface RoomMenuProps {
  room: Room;
  /** Absent: he may bring nobody in. */
  onInvite?: (() => void) | undefined;
  /** Shows what was done in the room, to those who look after it. */
  onLog: () => void;
  onLeft: () => void;
}

/** What can be done with a room of many: its members, its settings, archive, leave. */
export function RoomMenu({ room, onInvite, onLog, onLeft }: RoomMenuProps) {
  const me = useMe();
  const [open, setOpen] = useState<"members" | "settings" | "archive" | "leave" | null>(null);
  const close = () => setOpen(null);
  const looksAfter = room.role !== "member" || me.role === "admin";
  const owns = room.role === "owner" || me.role === "admin";
  const isArchived = room.archivedAtMs !== null;
  return (
    <>
      <MenuButton
        label="Room menu"
        icon={<Ellipsis aria-hidden="true" className="size-4" />}
        items={[
          { label: "Members", Icon: Users, onChoose: () => setOpen("members") },
          ...(onInvite && !isArchived ? [{ label: "Bring somebody in", Icon: UserPlus, onChoose: onInvite }] : []),
          ...(looksAfter && !isArchived
            ? [{ label: "Settings", Icon: Settings, onChoose: () => setOpen("settings") }]
            : []),
          ...(looksAfter ? [{ label: "Log", Icon: ScrollText, onChoose: onLog }] : []),
          ...(owns
            ? [
                isArchived
                  ? { label: "Put in use again", Icon: ArchiveRestore, onChoose: () => setOpen("archive") }
                  : { label: "Archive", Icon: Archive, onChoose: () => setOpen("archive") },
              ]
            : []),
          { label: "Leave", Icon: LogOut, onChoose: () => setOpen("leave") },
        ]}
      />
      <Suspense>
        {open === "members" && <MembersDialog room={room} onClose={close} />}
        {open === "settings" && <RoomSettingsDialog room={room} onClose={close} />}
        {open === "archive" && <ConfirmDialog kind={isArchived ? "unarchive" : "archive"} room={room} onClose={close} />}
        {open === "leave" && <ConfirmDialog kind="leave" room={room} onClose={close} onDone={onLeft} />}
      </Suspense>
    </>
  );
}
