import type { RoomMembers, RoomView as Room } from "@cardinal/api/schemas";
import { useState } from "react";
import { Avatar } from "../../components/ui/avatar.tsx";
import { Button } from "../../components/ui/button.tsx";
import { useMe } from "../../lib/me.ts";
import { sanctionText } from "../../lib/sanction-text.ts";
import { MemberActions } from "./member-actions.tsx";
import { rankOf } from "./rank.ts";

export type Member = RoomMembers["members"][number];

const ROLE_TEXTS = { owner: "Owner", moderator: "Moderator", member: "" } as const;

/** One member of a room, with his role, and what may be done about him. */
export function MemberRow({ room, member }: { room: Room; member: Member }) {
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  const outranks = rankOf(room.role, me.role) > rankOf(member.roomRole, member.role);
  const role = ROLE_TEXTS[member.roomRole] || (member.role === "admin" ? "Admin" : "");
  return (
    <li className="rounded-lg px-2 py-1.5">
      <div className="flex min-h-9 items-center gap-3">
        <Avatar user={member} size="small" />
        <span className="min-w-0 flex-1">
          <span className="block truncate">
            {member.displayName} <span className="text-sm text-ink-faint">@{member.username}</span>
          </span>
          {member.mute !== null && (
            <span className="block text-sm text-warn">Muted {sanctionText(member.mute)}</span>
          )}
        </span>
        {role !== "" && <span className="text-xs font-medium text-ink-soft">{role}</span>}
        {outranks && (
          <Button
            small
            look="quiet"
            aria-expanded={isOpen}
            aria-label={`Manage ${member.displayName}`}
            onClick={() => setOpen(!isOpen)}
          >
            Manage
          </Button>
        )}
      </div>
      {isOpen && <MemberActions room={room} member={member} onDone={() => setOpen(false)} />}
    </li>
  );
}
