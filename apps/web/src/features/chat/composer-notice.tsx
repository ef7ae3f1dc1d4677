import type { RoomView as Room } from "@cardinal/api/schemas";
import { Archive, MicOff } from "lucide-react";
import type { ReactNode } from "react";
import { sanctionText } from "../../lib/sanction-text.ts";

/** Why nothing can be written in a room; null where it can. */
export function silenceOf({ archivedAtMs, mute }: Room): ReactNode {
  if (archivedAtMs !== null) {
    return (
      <ComposerNotice Icon={Archive}>This room is archived. It can be read, and no longer written in.</ComposerNotice>
    );
  }
  if (mute !== null) {
    return <ComposerNotice Icon={MicOff}>You are muted here {sanctionText(mute)} You can read along.</ComposerNotice>;
  }
  return null;
}

/** Stands where the composer would. */
function ComposerNotice({ Icon, children }: { Icon: typeof Archive; children: ReactNode }) {
  return (
    <div className="bg-surface px-3 pb-3 sm:px-5">
      <p
        role="status"
        className="flex items-center gap-3 rounded-xl border border-line bg-sunken px-4 py-3 text-ink-soft"
      >
        <Icon aria-hidden="true" className="size-4.5 shrink-0" />
        <span>{children}</span>
      </p>
    </div>
  );
}
