import type { RoomView as Room } from "@cardinal/api/schemas";
import { useState } from "react";
import { Dialog } from "../../components/ui/dialog.tsx";
import { api } from "../../lib/api-client.ts";
import { faultText } from "../../lib/fault-text.ts";
import { trpc } from "../../lib/trpc.ts";
import { MemberPicker } from "./member-picker.tsx";

/** Brings members into a room. */
export function InviteDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const [invited, setInvited] = useState<string | null>(null);
  const invite = trpc.room.invite.useMutation({
    onSuccess: (changed) => api.room.get.setData({ slug: changed.slug }, changed),
  });
  return (
    <Dialog title={`Bring somebody into ${room.name}`} onClose={onClose}>
      <MemberPicker
        action="Bring in"
        isBusy={invite.isPending}
        onPick={({ id, displayName }) =>
          invite.mutate({ roomId: room.id, userId: id }, { onSuccess: () => setInvited(displayName) })
        }
      />
      <p role="status" className="min-h-6 text-sm text-ok">
        {invited !== null && `${invited} is in.`}
      </p>
      {invite.error && (
        <p role="alert" className="text-sm text-accent">
          {faultText(invite.error)}
        </p>
      )}
    </Dialog>
  );
}
