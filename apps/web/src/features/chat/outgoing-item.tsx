import { CircleAlert, Clock } from "lucide-react";
import { Avatar } from "../../components/ui/avatar.tsx";
import { useMe } from "../../lib/me.ts";
import { isWaiting as waits } from "./outbox/outgoing.ts";
import type { OutgoingMessage } from "./outbox/outgoing.ts";
import { ReplyQuote } from "./reply-quote.tsx";

export interface OutgoingItemProps {
  outgoing: OutgoingMessage;
  onRetry: () => void;
  onEdit: () => void;
  onDiscard: () => void;
}

const actionClass = "min-h-6 font-semibold underline underline-offset-2";

/** A message not yet stored, in its place, with what is happening to it. */
export function OutgoingItem({ outgoing, onRetry, onEdit, onDiscard }: OutgoingItemProps) {
  const me = useMe();
  const isFailed = outgoing.state === "failed";
  const isWaiting = waits(outgoing);
  return (
    <div role="listitem" data-outgoing={isWaiting ? "waiting" : outgoing.state}>
      <article className="flex gap-3 px-4 pt-3 pb-0.5 sm:px-6">
        <div className="w-9 shrink-0">
          <Avatar user={me} />
        </div>
        <div className="min-w-0 flex-1">
          <p className="leading-tight font-semibold text-accent">{me.displayName}</p>
          {outgoing.replyTo && <ReplyQuote replyTo={outgoing.replyTo} />}
          <p className="break-words whitespace-pre-wrap text-ink-soft">{outgoing.body}</p>
          <p
            className={`mt-0.5 flex flex-wrap items-center gap-x-2 text-xs ${isFailed ? "text-accent" : isWaiting ? "text-warn" : "text-ink-faint"}`}
          >
            {isFailed ? (
              <CircleAlert aria-hidden="true" className="size-3.5" />
            ) : (
              <Clock aria-hidden="true" className="size-3.5" />
            )}
            {isFailed && <span>Not sent. {outgoing.reason}</span>}
            {isWaiting && <span>Not sent yet, will retry. {outgoing.reason}</span>}
            {!isFailed && !isWaiting && <span>{outgoing.state === "sent" ? "Sent" : outgoing.state === "sending" ? "Sending…" : "Waiting to be sent…"}</span>}
            {(isFailed || isWaiting) && (
              <>
                <button type="button" onClick={onRetry} className={actionClass}>
                  Retry
                </button>
                <button type="button" onClick={onEdit} className={actionClass}>
                  Edit
                </button>
                <button type="button" onClick={onDiscard} className={actionClass}>
                  Discard
                </button>
              </>
            )}
          </p>
        </div>
      </article>
    </div>
  );
}
