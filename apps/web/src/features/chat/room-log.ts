import type { ChatHistory, Message, RoomEvent } from "@cardinal/api/schemas";

/** The part of a room's history a page holds: the newest messages, and the place in the log they stand at. */
export interface RoomLog {
  /** Ascending by number, each message once. */
  readonly messages: readonly Message[];
  /** Older messages exist on the server. */
  readonly hasMore: boolean;
  /** The numbers the pages of history began with. */
  readonly pageStarts: readonly number[];
  readonly epoch: string;
  /** Every event up to here is in `messages`. */
  readonly seq: number;
}

/** As much of a message as the server quotes. */
const EXCERPT_CHARACTERS = 140;

export function logFromHistory(page: ChatHistory): RoomLog {
  const { messages, hasMore, epoch, asOfSeq } = page;
  return { messages, hasMore, pageStarts: startOf(page), epoch, seq: asOfSeq };
}

function startOf({ messages: [first] }: ChatHistory): number[] {
  return first ? [first.number] : [];
}

/** Where the live stream has to begin so that nothing lies between it and the log. */
export function cursorOf(log: RoomLog): string {
  return `${log.epoch}.${log.seq}`;
}

/** Puts a message in its place by number. The version with the higher `seq` stays. */
function withMessage(messages: readonly Message[], message: Message): readonly Message[] {
  const at = messages.findLastIndex((other) => other.number <= message.number);
  const found = messages[at];
  if (found?.number === message.number) {
    return found.seq >= message.seq ? messages : messages.with(at, message);
  }
  return messages.toSpliced(at + 1, 0, message);
}

/** Shows a changed message as it now stands wherever it is quoted. */
function withQuotes(messages: readonly Message[], { id, body }: Message): readonly Message[] {
  const excerpt = body.slice(0, EXCERPT_CHARACTERS);
  const isStale = ({ replyTo }: Message) => replyTo?.id === id && replyTo.excerpt !== excerpt;
  return messages.some(isStale)
    ? messages.map((message) =>
        message.replyTo && isStale(message) ? { ...message, replyTo: { ...message.replyTo, excerpt } } : message,
      )
    : messages;
}

/** Whether a message is older than what the page holds, and so will come with its own page of history. */
function isBelow(log: RoomLog, message: Message): boolean {
  const oldest = log.messages[0];
  return oldest !== undefined && log.hasMore && message.number < oldest.number;
}

/** Applies events in order. One already applied changes nothing, whatever way it came. */
export function applyEvents(log: RoomLog, events: readonly RoomEvent[]): RoomLog {
  let { messages, seq } = log;
  for (const event of events) {
    if (event.seq <= seq) continue;
    seq = event.seq;
    if (!isBelow(log, event.message)) messages = withMessage(messages, event.message);
    if (event.kind === "edit" || event.kind === "delete") messages = withQuotes(messages, event.message);
  }
  return seq === log.seq ? log : { ...log, messages, seq };
}

/**
 * Adds a message the server has answered with, if it follows the newest one here; otherwise null: messages in
 * between are still on their way, and it will come after them as an event. The place in the log stays.
 */
export function addSent(log: RoomLog, message: Message): RoomLog | null {
  const newest = log.messages.at(-1)?.number ?? 0;
  if (message.number > newest + 1) return null;
  const messages = withMessage(log.messages, message);
  return messages === log.messages ? log : { ...log, messages };
}

/** Takes a message here as the server has answered that it stands; its event changes nothing more. */
export function replaceChanged(log: RoomLog, message: Message): RoomLog {
  if (!log.messages.some(({ number }) => number === message.number)) return log;
  const messages = withQuotes(withMessage(log.messages, message), message);
  return messages === log.messages ? log : { ...log, messages };
}

/** Puts an older page in front. What live events changed meanwhile stays changed. */
export function prependHistory(log: RoomLog, page: ChatHistory): RoomLog {
  let messages = log.messages;
  for (const message of page.messages.toReversed()) messages = withMessage(messages, message);
  return { ...log, messages, hasMore: page.hasMore, pageStarts: [...startOf(page), ...log.pageStarts] };
}
