import type { RoomView as Room } from "@cardinal/api/schemas";
import { Dialog } from "../../components/ui/dialog.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { MemberPicker } from "./member-picker.tsx";
import { useOpenDirect } from "./use-open-direct.ts";

/** Begins a conversation of two, or goes on with it. */
export function DirectDialog({ onClose, onOpened }: { onClose: () => void; onOpened: (room: Room) => void }) {
  const open = useOpenDirect(onOpened);
  return (
    <Dialog title="Write to somebody" onClose={onClose}>
      <MemberPicker action="Write to" isBusy={open.isPending} onPick={({ id }) => open.mutate({ userId: id })} />
      {open.error && (
        <p role="alert" className="text-sm text-accent">
          {faultText(open.error)}
        </p>
      )}
    </Dialog>
  );
}
