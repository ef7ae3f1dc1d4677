import type { ChatHistory, Message, RoomEvent } from "@cardinal/api/schemas";

/**
 * The part of a room's history a page holds, and the place in the log it stands at. Usually it ends with the newest
 * message; after a jump to an old one it may end before.
 */
export interface RoomLog {
  /** Ascending by number, without a gap, each message once. */
  readonly messages: readonly Message[];
  /** Older messages exist on the server. */
  readonly hasMore: boolean;
  /** The number of the room's newest message, whether it is here or not. */
  readonly headNumber: number;
  /** The numbers the pages of history began with. */
  readonly pageStarts: readonly number[];
  readonly epoch: string;
  /** Every event up to here has been applied, as far as it concerns `messages`. */
  readonly seq: number;
}

/** As much of a message as the server quotes. */
const EXCERPT_CHARACTERS = 140;

export function logFromHistory(page: ChatHistory): RoomLog {
  const { messages, hasMore, headNumber, epoch, asOfSeq } = page;
  return { messages, hasMore, headNumber, pageStarts: startOf(page), epoch, seq: asOfSeq };
}

function startOf({ messages: [first] }: ChatHistory): number[] {
  return first ? [first.number] : [];
}

/** Where the live stream has to begin so that nothing lies between it and the log. */
export function cursorOf(log: RoomLog): string {
  return `${log.epoch}.${log.seq}`;
}

/** Whether the room has messages after those here. */
export function hasNewer(log: Pick<RoomLog, "messages" | "headNumber">): boolean {
  return (log.messages.at(-1)?.number ?? 0) < log.headNumber;
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

/** Whether a message is beyond what is here, and so will come with a page of history. */
function isOutside(messages: readonly Message[], { number }: Message): boolean {
  const oldest = messages[0]?.number ?? 1;
  const newest = messages.at(-1)?.number ?? 0;
  return number < oldest || number > newest + 1;
}

function withEvent(messages: readonly Message[], { kind, message }: RoomEvent): readonly Message[] {
  const next = isOutside(messages, message) ? messages : withMessage(messages, message);
  return kind === "edit" || kind === "delete" ? withQuotes(next, message) : next;
}

/** Applies events in order. One already applied changes nothing, whatever way it came. */
export function applyEvents(log: RoomLog, events: readonly RoomEvent[]): RoomLog {
  let { messages, seq, headNumber } = log;
  for (const event of events) {
    if (event.seq <= seq) continue;
    seq = event.seq;
    headNumber = Math.max(headNumber, event.message.number);
    messages = withEvent(messages, event);
  }
  return seq === log.seq ? log : { ...log, messages, seq, headNumber };
}

/**
 * Adds a message the server has answered with, if it follows the newest one here; otherwise null: messages in
 * between are still on their way, and it will come after them as an event. The place in the log stays.
 */
export function addSent(log: RoomLog, message: Message): RoomLog | null {
  if (isOutside(log.messages, message)) return null;
  const messages = withMessage(log.messages, message);
  const headNumber = Math.max(log.headNumber, message.number);
  return messages === log.messages ? log : { ...log, messages, headNumber };
}

/** Takes a message here as the server has answered that it stands; its event changes nothing more. */
export function replaceChanged(log: RoomLog, message: Message): RoomLog {
  if (!log.messages.some(({ number }) => number === message.number)) return log;
  const messages = withQuotes(withMessage(log.messages, message), message);
  return messages === log.messages ? log : { ...log, messages };
}

/** Whether nothing lies between a page and what is here. */
export function joins({ messages }: RoomLog, page: ChatHistory): boolean {
  const [first, last] = [page.messages[0], page.messages.at(-1)];
  const [oldest, newest] = [messages[0], messages.at(-1)];
  if (!first || !last || !oldest || !newest) return false;
  return last.number >= oldest.number - 1 && first.number <= newest.number + 1;
}

/**
 * Puts a page that joins before or after what is here. `since` are the events that arrived since the page was asked for:
 * what it was read too early to know of them is applied to it.
 */
export function joinPage(log: RoomLog, page: ChatHistory, since: readonly RoomEvent[]): RoomLog {
  let messages = log.messages;
  for (const message of page.messages.toReversed()) messages = withMessage(messages, message);
  const isOlder = (page.messages[0]?.number ?? Infinity) < (log.messages[0]?.number ?? 0);
  return catchUp(
    {
      ...log,
      messages,
      hasMore: isOlder ? page.hasMore : log.hasMore,
      headNumber: Math.max(log.headNumber, page.headNumber),
      pageStarts: isOlder ? [...startOf(page), ...log.pageStarts] : log.pageStarts,
    },
    page,
    since,
  );
}

/** Leaves what is here for another page. The place in the log stays. `since` as in `joinPage`. */
export function openPage(log: RoomLog, page: ChatHistory, since: readonly RoomEvent[]): RoomLog {
  const opened = logFromHistory(page);
  const headNumber = Math.max(log.headNumber, page.headNumber);
  return catchUp({ ...opened, epoch: log.epoch, seq: log.seq, headNumber }, page, since);
}

function catchUp(log: RoomLog, page: ChatHistory, since: readonly RoomEvent[]): RoomLog {
  const missed = since.filter(({ seq }) => seq > page.asOfSeq);
  return { ...log, messages: missed.reduce(withEvent, log.messages) };
}
