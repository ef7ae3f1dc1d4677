import type { InboxItem as Item } from "@cardinal/api/schemas";
import { Link } from "@tanstack/react-router";
import { AtSign, Reply, UserPlus } from "lucide-react";
import { paths } from "../../app/paths.ts";
import { formatFull } from "../../lib/format-time.ts";

const KINDS = {
  mention: { Icon: AtSign, text: "named you in" },
  reply: { Icon: Reply, text: "answered you in" },
  invite: { Icon: UserPlus, text: "brought you into" },
} as const;

/** A line of the inbox, and the way to what it is about. */
export function InboxItem({ item, onOpen }: { item: Item; onOpen: () => void }) {
  const { Icon, text } = KINDS[item.kind];
  return (
    <li>
      <Link
        to={paths.room}
        params={{ room: item.room.slug }}
        search={item.message ? { message: String(item.message.number) } : {}}
        onClick={onOpen}
        className={`flex gap-3 rounded-lg px-3 py-2 hover:bg-sunken ${item.isRead ? "text-ink-soft" : "text-ink"}`}
      >
        <Icon aria-hidden="true" className={`mt-0.5 size-4 shrink-0 ${item.isRead ? "text-ink-faint" : "text-accent"}`} />
        <span className="min-w-0 flex-1">
          <span className="block text-sm">
            <span className="font-semibold">{item.actor}</span> {text}{" "}
            <span className="font-semibold">{item.room.name}</span>
            {!item.isRead && <span className="sr-only">, unread</span>}
          </span>
          {item.message && <span className="block truncate text-sm text-ink-faint">{item.message.excerpt}</span>}
          <time dateTime={new Date(item.createdAtMs).toISOString()} className="block text-xs text-ink-faint">
            {formatFull(item.createdAtMs)}
          </time>
        </span>
      </Link>
    </li>
  );
}
