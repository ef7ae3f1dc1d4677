import { readFault } from "@cardinal/client/errors";
import { faultText } from "../../lib/fault-text.ts";
import { formatFull } from "../../lib/format-time.ts";
import type { RoomFeed, RoomFeedState } from "./room-feed.ts";

function textOf(error: unknown): string {
  return readFault(error).reason === "MESSAGE_NOT_FOUND"
    ? "That message was deleted, or it is not in this room."
    : faultText(error);
}

/** Says where a jump led, to screen readers, and to everybody when it led nowhere. */
export function JumpNotice({ feed, state }: { feed: RoomFeed; state: RoomFeedState }) {
  const { target, jumpError, log } = state;
  const shown = target && log?.messages.find(({ number }) => number === target.number);
  return (
    <>
      <p role="status" className="sr-only">
        {shown && `Showing the message of ${shown.author.displayName}, ${formatFull(shown.createdAtMs)}`}
      </p>
      {jumpError !== null && (
        <p role="alert" className="flex items-center gap-3 border-t border-line bg-surface px-5 pt-2 text-sm text-accent">
          {textOf(jumpError)}
          <button type="button" onClick={() => feed.forgetJumpError()} className="min-h-6 underline">
            Dismiss
          </button>
        </p>
      )}
    </>
  );
}
