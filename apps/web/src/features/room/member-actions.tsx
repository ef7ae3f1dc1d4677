import type { RoomView as Room } from "@cardinal/api/schemas";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { api } from "../../lib/api-client.ts";
import { faultText } from "../../lib/fault-text.ts";
import { useMe } from "../../lib/me.ts";
import { trpc } from "../../lib/trpc.ts";
import { MeasureForm } from "./measure-form.tsx";
import type { Member } from "./member-row.tsx";
import { showRoom } from "./show-room.ts";

const FORM_TEXTS = { mute: "Mute", ban: "Ban", suspend: "Suspend from the site:" } as const;

export interface MemberActionsProps {
  room: Room;
  member: Member;
  onDone: () => void;
}

/** What may be done about a member: his role, a mute, the door. */
export function MemberActions({ room, member, onDone }: MemberActionsProps) {
  const [form, setForm] = useState<"mute" | "ban" | "suspend" | null>(null);
  const me = useMe();
  const onSuccess = async () => {
    await Promise.all([api.room.members.invalidate(), api.room.bans.invalidate()]);
    onDone();
  };
  const onChanged = async (changed: Room) => {
    await showRoom(changed);
    await onSuccess();
  };
  const mute = trpc.room.mute.useMutation({ onSuccess });
  const unmute = trpc.room.unmute.useMutation({ onSuccess });
  const ban = trpc.room.ban.useMutation({ onSuccess });
  const suspend = trpc.user.suspend.useMutation({ onSuccess });
  const setRole = trpc.room.setRole.useMutation({ onSuccess: onChanged });
  const passOn = trpc.room.passOn.useMutation({ onSuccess: onChanged });
  const remove = trpc.room.removeMember.useMutation({ onSuccess: onChanged });
  const all = [mute, unmute, ban, suspend, setRole, passOn, remove];
  const error = all.find((mutation) => mutation.error)?.error;
  const isBusy = all.some(({ isPending }) => isPending);
  const whom = { roomId: room.id, userId: member.id };
  if (form !== null) {
    return (
      <MeasureForm
        action={`${FORM_TEXTS[form]} ${member.displayName}`}
        isBusy={isBusy}
        error={error}
        onCancel={() => setForm(null)}
        onSubmit={(measure) => {
          if (form === "suspend") suspend.mutate({ userId: member.id, ...measure });
          else (form === "mute" ? mute : ban).mutate({ ...whom, ...measure });
        }}
      />
    );
  }
  return (
    <div role="group" aria-label={`Manage ${member.displayName}`} className="flex flex-wrap gap-2 py-2">
      {member.mute === null ? (
        <Button small onClick={() => setForm("mute")}>
          Mute
        </Button>
      ) : (
        <Button small busy={isBusy} onClick={() => unmute.mutate(whom)}>
          Let speak again
        </Button>
      )}
      <Button small busy={isBusy} onClick={() => remove.mutate(whom)}>
        Put out
      </Button>
      <Button small onClick={() => setForm("ban")}>
        Ban
      </Button>
      {me.role === "admin" && (
        <Button small onClick={() => setForm("suspend")}>
          Suspend
        </Button>
      )}
      {room.role === "owner" && (
        <>
          <Button
            small
            busy={isBusy}
            onClick={() =>
              setRole.mutate({ ...whom, role: member.roomRole === "moderator" ? "member" : "moderator" })
            }
          >
            {member.roomRole === "moderator" ? "No longer a moderator" : "Make a moderator"}
          </Button>
          <Button small busy={isBusy} onClick={() => passOn.mutate(whom)}>
            Make the owner
          </Button>
        </>
      )}
      {error && (
        <p role="alert" className="w-full text-sm text-accent">
          {faultText(error)}
        </p>
      )}
    </div>
  );
}
