import type { Message, RepliedMessage } from "@cardinal/api/schemas";

/** A message as it was written. */
export interface WrittenMessage {
  /** Chosen here; the server stores a message once however often it is sent under it. */
  readonly clientMessageId: string;
  readonly roomId: string;
  readonly body: string;
  readonly createdAtMs: number;
  /** What it answers, if anything. */
  readonly replyTo?: RepliedMessage | undefined;
}

/** A message that the server has not confirmed, or only just, as this browser keeps it. */
export interface OutgoingMessage extends WrittenMessage {
  readonly memberId: string;
  /** Rises with every message: a room's messages are sent in this order. */
  readonly order: number;
  /**
   * `queued`: to be sent, at once or at `retryAtMs`. `sending`: on its way. `sent`: stored, and soon to be seen in the
   * room. `failed`: refused; its author decides.
   */
  readonly state: "queued" | "sending" | "sent" | "failed";
  /** Why it failed, or is to be sent again, in words. */
  readonly reason: string | null;
  readonly retryAtMs: number | null;
  /** Until then the server wants none: it said so. */
  readonly holdUntilMs: number | null;
  /** Once it is stored: its number in the room. */
  readonly number: number | null;
  /** Failed attempts in a row. */
  readonly failures: number;
  readonly changedAtMs: number;
}

export interface Draft {
  readonly memberId: string;
  readonly roomId: string;
  readonly text: string;
}

/** Those still to be shown in a room that shows these: one that is there already is not shown twice. */
export function stillToShow(
  outgoing: readonly OutgoingMessage[],
  roomId: string,
  shown: readonly Pick<Message, "clientMessageId" | "number">[],
): OutgoingMessage[] {
  const mine = outgoing.filter((message) => message.roomId === roomId);
  if (mine.length === 0) return mine;
  const ids = new Set(shown.map(({ clientMessageId }) => clientMessageId));
  const last = shown.at(-1)?.number ?? 0;
  return mine.filter(({ clientMessageId, number }) => !ids.has(clientMessageId) && (number === null || number > last));
}

/** Whether it failed in a way that passes, and waits for its next attempt. */
export function isWaiting({ state, reason }: OutgoingMessage): boolean {
  return state === "queued" && reason !== null;
}

export function toOutgoing(message: WrittenMessage, memberId: string, order: number, nowMs: number): OutgoingMessage {
  return {
    ...message,
    memberId,
    order,
    state: "queued",
    reason: null,
    retryAtMs: null,
    holdUntilMs: null,
    number: null,
    failures: 0,
    changedAtMs: nowMs,
  };
}
