import type { Message } from "@cardinal/api/schemas";
import clsx from "clsx";

export interface ReactionBarProps {
  message: Message;
  meId: string;
  /** Nothing can be written in the room now. */
  isSilent: boolean;
  onReact: (emoji: string, on: boolean) => void;
}

/** How members reacted to a message: an emoji each, pressed where the reader is among them. */
export function ReactionBar({ message, meId, isSilent, onReact }: ReactionBarProps) {
  if (message.reactions.length === 0) return null;
  return (
    <div role="group" aria-label="Reactions" className="mt-1 flex flex-wrap gap-1.5">
      {message.reactions.map(({ emoji, userIds }) => {
        const isMine = userIds.includes(meId);
        return (
          <button
            key={emoji}
            type="button"
            aria-pressed={isMine}
            aria-disabled={isSilent || undefined}
            aria-label={`${emoji}, ${userIds.length}`}
            onClick={() => !isSilent && onReact(emoji, !isMine)}
            className={clsx(
              "inline-flex min-h-7 items-center gap-1 rounded-full border px-2 text-sm tabular-nums",
              isMine ? "border-accent bg-accent/10 text-accent" : "border-line bg-surface text-ink-soft hover:bg-sunken",
            )}
          >
            <span aria-hidden="true">{emoji}</span>
            <span aria-hidden="true" className="text-xs">
              {userIds.length}
            </span>
          </button>
        );
      })}
    </div>
  );
}
