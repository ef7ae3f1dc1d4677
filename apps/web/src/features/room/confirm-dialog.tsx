import type { RoomView as Room } from "@cardinal/api/schemas";
import { Button } from "../../components/ui/button.tsx";
import { Dialog } from "../../components/ui/dialog.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { trpc } from "../../lib/trpc.ts";
import { showRoom } from "./show-room.ts";

const TEXTS = {
  archive: {
    title: "Archive",
    text: "Everybody in it can go on reading, and nobody writes there any more. It leaves the list of rooms.",
    action: "Archive the room",
  },
  unarchive: {
    title: "Put in use again:",
    text: "It comes back to the list of rooms, and can be written in again.",
    action: "Put it in use again",
  },
  leave: { title: "Leave", text: "Its messages stay. A private room can be entered again by invitation only.", action: "Leave the room" },
} as const;

export interface ConfirmDialogProps {
  kind: keyof typeof TEXTS;
  room: Room;
  onClose: () => void;
  onDone?: (() => void) | undefined;
}

/** Asks before something is done that others notice. */
export function ConfirmDialog({ kind, room, onClose, onDone }: ConfirmDialogProps) {
  const { title, text, action } = TEXTS[kind];
  const onSuccess = async (changed: Room) => {
    await showRoom(changed);
    onClose();
    onDone?.();
  };
  const archive = trpc.room.archive.useMutation({ onSuccess });
  const leave = trpc.room.leave.useMutation({ onSuccess });
  const error = archive.error ?? leave.error;
  const carryOut = () =>
    kind === "leave" ? leave.mutate({ roomId: room.id }) : archive.mutate({ roomId: room.id, on: kind === "archive" });
  return (
    <Dialog title={`${title} ${room.name}`} onClose={onClose}>
      <p className="mb-4 text-ink-soft">{text}</p>
      {error && (
        <p role="alert" className="mb-4 text-sm text-accent">
          {faultText(error)}
        </p>
      )}
      <div className="flex gap-3">
        <Button look="primary" busy={archive.isPending || leave.isPending} onClick={carryOut}>
          {action}
        </Button>
        <Button onClick={onClose}>Keep it as it is</Button>
      </div>
    </Dialog>
  );
}
