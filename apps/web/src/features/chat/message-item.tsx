import type { Message } from "@cardinal/api/schemas";
import { Check, Pin } from "lucide-react";
import { memo } from "react";
import { Avatar } from "../../components/ui/avatar.tsx";
import { formatDay, formatFull, formatTime } from "../../lib/format-time.ts";
import { MessageActions } from "./message-actions.tsx";
import type { MessageRow } from "./message-rows.ts";
import { MessageText } from "./message-text.tsx";
import { ReactionBar } from "./reaction-bar.tsx";
import { ReplyQuote } from "./reply-quote.tsx";
import type { MessageChanges } from "./use-message-changes.ts";

export interface MessageItemProps {
  row: MessageRow;
  isOwn: boolean;
  /** The newest message of the reader himself: says that it arrived. */
  isLastOwn: boolean;
  /** A jump led here: it is marked for a moment. */
  isTarget: boolean;
  position: number;
  total: number;
  meId: string;
  username: string;
  /** May take away what others wrote. */
  isModerator: boolean;
  /** Messages can be pinned here. */
  canPin: boolean;
  changes: MessageChanges;
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
  /** The message's author is somebody else: what is wrong with it can be told. */
  onReport: (message: Message) => void;
  /** Nothing can be written in the room now. */
  isSilent: boolean;
  onOpenNumber: (number: number) => void;
}

function Separator({ text, accent = false }: { text: string; accent?: boolean }) {
  return (
    <div
      className={`flex items-center gap-3 px-4 pt-5 pb-1 text-xs font-medium ${accent ? "text-accent" : "text-ink-faint"}`}
    >
      <span className={`h-px flex-1 ${accent ? "bg-accent/40" : "bg-line"}`} />
      {text}
      <span className={`h-px flex-1 ${accent ? "bg-accent/40" : "bg-line"}`} />
    </div>
  );
}

/** One message, with what stands above it: the day, the unread line, the author. */
export const MessageItem = memo(function MessageItem({
  row,
  isOwn,
  isLastOwn,
  isTarget,
  position,
  total,
  meId,
  username,
  isModerator,
  canPin,
  changes,
  onReply,
  onEdit,
  onReport,
  isSilent,
  onOpenNumber,
}: MessageItemProps) {
  const { message, startsDay, startsGroup, startsUnread } = row;
  return (
    <div role="listitem" aria-posinset={position} aria-setsize={total} data-message-number={message.number}>
      {startsDay && <Separator text={formatDay(message.createdAtMs)} />}
      {startsUnread && <Separator text="New" accent />}
      <article
        tabIndex={isTarget ? -1 : undefined}
        aria-current={isTarget || undefined}
        className={`${isTarget ? "jump-target" : ""} group relative flex gap-3 px-4 hover:bg-sunken/60 sm:px-6 ${startsGroup ? "pt-3 pb-0.5" : "py-0.5"}`}
      >
        <div className="w-9 shrink-0">{startsGroup && <Avatar user={message.author} />}</div>
        <div className="min-w-0 flex-1">
          {startsGroup && (
            <p className="flex items-baseline gap-2 leading-tight">
              <span className={`font-semibold ${isOwn ? "text-accent" : ""}`}>
                {message.author.displayName}
              </span>
              <time
                dateTime={new Date(message.createdAtMs).toISOString()}
                title={formatFull(message.createdAtMs)}
                className="text-xs text-ink-faint"
              >
                {formatTime(message.createdAtMs)}
              </time>
            </p>
          )}
          {message.replyTo && message.deletedAtMs === null && (
            <ReplyQuote
              replyTo={message.replyTo}
              onOpen={() => message.replyTo && onOpenNumber(message.replyTo.number)}
            />
          )}
          {message.deletedAtMs === null ? (
            <p className="break-words whitespace-pre-wrap">
              {!startsGroup && <span className="sr-only">{message.author.displayName}: </span>}
              <MessageText text={message.body} username={username} />
              {message.editedAtMs !== null && <span className="ml-1.5 text-xs text-ink-faint">(edited)</span>}
              {isLastOwn && (
                <span className="ml-2 inline-flex items-center gap-0.5 align-middle text-xs text-ink-faint">
                  <Check aria-hidden="true" className="size-3" />
                  Sent
                </span>
              )}
            </p>
          ) : (
            <p className="text-ink-faint italic">This message was deleted.</p>
          )}
          {message.pinnedAtMs !== null && (
            <p className="mt-0.5 flex items-center gap-1 text-xs text-ink-faint">
              <Pin aria-hidden="true" className="size-3" />
              Pinned{message.pinnedBy === null ? "" : ` by ${message.pinnedBy}`}
            </p>
          )}
          <ReactionBar
            message={message}
            meId={meId}
            isSilent={isSilent}
            onReact={(emoji, on) => changes.react(message, emoji, on)}
          />
        </div>
        {message.deletedAtMs === null && (
          <MessageActions
            message={message}
            isSilent={isSilent}
            canEdit={isOwn && !isSilent}
            canRemove={isOwn || isModerator}
            onReact={(emoji) => changes.react(message, emoji, true)}
            onReply={() => onReply(message)}
            onEdit={() => onEdit(message)}
            onRemove={() => changes.remove(message)}
            onPin={isModerator && canPin ? () => changes.pin(message, message.pinnedAtMs === null) : undefined}
            onReport={isOwn ? undefined : () => onReport(message)}
          />
        )}
      </article>
    </div>
  );
});
