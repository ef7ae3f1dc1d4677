import type { Message } from "@cardinal/api/schemas";
import { dayKey } from "../../lib/format-time.ts";

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

/** Messages as rows. `unreadFrom` is the number of the first unread message, if there is one. */
export function toRows(messages: readonly Message[], unreadFrom: number | null): MessageRow[] {
  return messages.map((message, index) => {
    const before = messages[index - 1];
    const startsDay = before === undefined || dayKey(before.createdAtMs) !== dayKey(message.createdAtMs);
    const startsUnread =
      unreadFrom !== null && message.number >= unreadFrom && (before === undefined || before.number < unreadFrom);
    const startsGroup =
      startsDay ||
      startsUnread ||
      before?.author.id !== message.author.id ||
      message.createdAtMs - before.createdAtMs > GROUP_MS;
    return { message, startsDay, startsGroup, startsUnread };
  });
}
