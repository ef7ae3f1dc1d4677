import type { Message } from "@cardinal/api/schemas";
import { dayKey } from "../../lib/format-time.ts";
import type { RoomLog } from "./room-log.ts";

const GROUP_MS = 5 * 60_000;

/** A message and how it stands among its neighbours. */
export interface MessageRow {
  readonly message: Message;
  /** The first of its day: a separator stands above it. */
  readonly startsDay: boolean;
  /** Another author, another day, or five minutes later: the author is named again. */
  readonly startsGroup: boolean;
  /** The first message the reader had not seen. */
  readonly startsUnread: boolean;
}

/**
 * Messages as rows. `unreadFrom` is the number of the first unread message, if there is one.
 *
 * A row must not change height when an older page is put in front of it, or what is on screen would jump. So
 * the first message of each page names its author whatever stands before it, and the oldest one here has no
 * day above it while older ones may belong to the same day.
 */
export function toRows(
  { messages, hasMore, pageStarts }: Pick<RoomLog, "messages" | "hasMore" | "pageStarts">,
  unreadFrom: number | null,
): MessageRow[] {
  return messages.map((message, index) => {
    const before = messages[index - 1];
    const startsDay = before ? dayKey(before.createdAtMs) !== dayKey(message.createdAtMs) : !hasMore;
    const isFirstUnread = before === undefined || (unreadFrom !== null && before.number < unreadFrom);
    const startsUnread = unreadFrom !== null && message.number >= unreadFrom && isFirstUnread;
    const startsGroup =
      startsDay ||
      startsUnread ||
      pageStarts.includes(message.number) ||
      before?.author.id !== message.author.id ||
      message.createdAtMs - before.createdAtMs > GROUP_MS;
    return { message, startsDay, startsGroup, startsUnread };
  });
}
