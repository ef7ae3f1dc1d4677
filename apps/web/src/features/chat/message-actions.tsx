import type { Message } from "@cardinal/api/schemas";
import { Flag, Pencil, Pin, PinOff, Reply, SmilePlus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { ReactNode } from "react";

/** The emojis at hand; any other can be chosen by who has reacted with it before. */
const QUICK_EMOJIS = ["👍", "❤️", "😂", "🎉", "😮", "😢", "👀", "✅"];

export interface MessageActionsProps {
  message: Message;
  /** Nothing can be written in the room now. */
  isSilent: boolean;
  canEdit: boolean;
  canRemove: boolean;
  onReact: (emoji: string) => void;
  onReply: () => void;
  onEdit: () => void;
  onRemove: () => void;
  /** Absent: he may not. */
  onPin?: (() => void) | undefined;
  onReport?: (() => void) | undefined;
}

function Action({ label, onClick, isOpen, children }: { label: string; onClick: () => void; isOpen?: boolean; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-expanded={isOpen}
      onClick={onClick}
      className="inline-flex size-8 items-center justify-center rounded-md text-ink-soft hover:bg-sunken hover:text-ink"
    >
      {children}
    </button>
  );
}

/** What can be done to a message: shown to who points at it, and to the keyboard. */
export function MessageActions({
  message,
  isSilent,
  canEdit,
  canRemove,
  onReact,
  onReply,
  onEdit,
  onRemove,
  onPin,
  onReport,
}: MessageActionsProps) {
  const [open, setOpen] = useState<"none" | "emojis" | "remove">("none");
  const close = () => setOpen("none");
  const then = (action: () => void) => () => {
    close();
    action();
  };
  return (
    <div
      role="toolbar"
      tabIndex={-1}
      aria-label={`Actions for the message of ${message.author.displayName}`}
      onKeyDown={(event) => event.key === "Escape" && close()}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && close()}
      className={`absolute -top-3 right-3 z-10 flex flex-wrap items-center rounded-lg border border-line bg-surface p-0.5 shadow-lift focus-within:opacity-100 group-hover:opacity-100 ${open === "none" ? "opacity-0" : "opacity-100"}`}
    >
      {open === "emojis" &&
        QUICK_EMOJIS.map((emoji) => (
          <Action key={emoji} label={`React with ${emoji}`} onClick={then(() => onReact(emoji))}>
            <span aria-hidden="true">{emoji}</span>
          </Action>
        ))}
      {open === "remove" && (
        <span className="flex items-center gap-1 px-2 text-sm">
          Delete this message?
          <button type="button" onClick={then(onRemove)} className="min-h-8 px-2 font-semibold text-accent underline">
            Delete
          </button>
          <button type="button" onClick={close} className="min-h-8 px-2 underline">
            Keep
          </button>
        </span>
      )}
      {open !== "remove" && (
        <>
          {!isSilent && (
            <>
              <Action label="React" isOpen={open === "emojis"} onClick={() => setOpen(open === "emojis" ? "none" : "emojis")}>
                <SmilePlus aria-hidden="true" className="size-4" />
              </Action>
              <Action label="Reply" onClick={then(onReply)}>
                <Reply aria-hidden="true" className="size-4" />
              </Action>
            </>
          )}
          {canEdit && (
            <Action label="Edit" onClick={then(onEdit)}>
              <Pencil aria-hidden="true" className="size-4" />
            </Action>
          )}
          {onPin && (
            <Action label={message.pinnedAtMs === null ? "Pin" : "Take the pin off"} onClick={then(onPin)}>
              {message.pinnedAtMs === null ? (
                <Pin aria-hidden="true" className="size-4" />
              ) : (
                <PinOff aria-hidden="true" className="size-4" />
              )}
            </Action>
          )}
          {onReport && (
            <Action label="Report" onClick={then(onReport)}>
              <Flag aria-hidden="true" className="size-4" />
            </Action>
          )}
          {canRemove && (
            <Action label="Delete" onClick={() => setOpen("remove")}>
              <Trash2 aria-hidden="true" className="size-4" />
            </Action>
          )}
        </>
      )}
    </div>
  );
}
