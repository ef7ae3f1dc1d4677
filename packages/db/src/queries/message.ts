import { RowNotFound } from "../database/errors.ts";
import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { newId } from "../new-id.ts";
import { MESSAGE_COLUMNS, toMessage, type MessageColumns, type MessageWithAuthor } from "./message-row.ts";
import { findHead } from "./room.ts";
import { append } from "./room-event.ts";

export interface NewMessage {
  id?: string;
  roomId: string;
  authorId: string;
  body: string;
  /** Makes the send idempotent for this author. */
  clientMessageId?: string | null;
  replyToId?: string | null;
  /** Members to be found as mentioned. */
  mentionedUserIds?: readonly string[];
  nowMs: number;
}

/** A change to a room that is now in its log as event `seq`. */
export interface MessageChange {
  message: MessageWithAuthor;
  seq: number;
}

export interface HistoryPage {
  /** Ascending by number. */
  messages: MessageWithAuthor[];
  /** Whether there are older ones. */
  hasMore: boolean;
  /** The room's newest message. */
  headNumber: number;
  /** The log's head in the same snapshot: a stream that starts here misses nothing. */
  asOfSeq: number;
  epoch: string;
}

/**
 * Writes a message and its event, numbered without gaps, and marks the room read for its author. Sent again
 * with the same `clientMessageId` by the same author it returns the first one, with `isNew: false`, and
 * writes nothing. Throws `RowNotFound` for an unknown room.
 */
export function appendMessage(tx: WriteTransaction, input: NewMessage): MessageChange & { isNew: boolean } {
  const clientMessageId = input.clientMessageId ?? null;
  const earlier = clientMessageId === null ? undefined : findByClientId(tx, input.authorId, clientMessageId);
  if (earlier !== undefined) return { message: earlier, seq: earlier.seq, isNew: false };
  const id = input.id ?? newId();
  const number = tx
    .statement<{ number: number }>(
      `UPDATE room SET head_seq = head_seq + 1, head_message_number = head_message_number + 1, updated_at = ?
        WHERE id = ? RETURNING head_message_number AS number`,
    )
    .get(input.nowMs, input.roomId)?.number;
  const head = findHead(tx, input.roomId);
  if (number === undefined || head === undefined) throw new RowNotFound("room", input.roomId);
  const seq = head.headSeq;
  tx.statement(
    `INSERT INTO message (id, room_id, number, seq, last_seq, author_id, body, reply_to_id,
                          client_message_id, created_at, search_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(search_id), 0) + 1 FROM message))`,
  ).run(
    id,
    input.roomId,
    number,
    seq,
    seq,
    input.authorId,
    input.body,
    input.replyToId ?? null,
    clientMessageId,
    input.nowMs,
  );
  append(tx, {
    roomId: input.roomId,
    seq,
    kind: "message",
    messageId: id,
    actorId: input.authorId,
    atMs: input.nowMs,
  });
  mention(tx, id, input.mentionedUserIds ?? [], input.nowMs);
  tx.statement(
    `INSERT INTO read_state (user_id, room_id, last_read_number, updated_at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET last_read_number = max(last_read_number, excluded.last_read_number),
                               updated_at = excluded.updated_at`,
  ).run(input.authorId, input.roomId, number, input.nowMs);
  return { message: getById(tx, id), seq, isNew: true };
}

/** Replaces a message's text. Returns undefined if it does not exist or was deleted. */
export function edit(
  tx: WriteTransaction,
  input: { messageId: string; actorId: string; body: string; nowMs: number },
): MessageChange | undefined {
  const current = findById(tx, input.messageId);
  if (current === undefined || current.deletedAtMs !== null) return undefined;
  const seq = nextSeq(tx, current.roomId, input.nowMs);
  tx.statement("UPDATE message SET body = ?, edited_at = ?, last_seq = ? WHERE id = ?").run(
    input.body,
    input.nowMs,
    seq,
    current.id,
  );
  append(tx, { ...changeOf(current, input), seq, kind: "edit" });
  return { message: getById(tx, current.id), seq };
}

/**
 * Takes a message's text, reactions, mentions and pin away; its place stays. Returns undefined if that was done
 * before.
 */
export function remove(
  tx: WriteTransaction,
  input: { messageId: string; actorId: string; nowMs: number },
): MessageChange | undefined {
  const current = findById(tx, input.messageId);
  if (current === undefined || current.deletedAtMs !== null) return undefined;
  const seq = nextSeq(tx, current.roomId, input.nowMs);
  tx.statement("UPDATE message SET body = '', deleted_at = ?, last_seq = ?, pinned_at = NULL, pinned_by = NULL WHERE id = ?").run(
    input.nowMs,
    seq,
    current.id,
  );
  tx.statement("DELETE FROM reaction WHERE message_id = ?").run(current.id);
  tx.statement("DELETE FROM mention WHERE message_id = ?").run(current.id);
  append(tx, { ...changeOf(current, input), seq, kind: "delete" });
  return { message: getById(tx, current.id), seq };
}

/** Adds or takes back a reaction. Returns undefined if that changes nothing. */
export function react(
  tx: WriteTransaction,
  input: { messageId: string; userId: string; emoji: string; on: boolean; nowMs: number },
): MessageChange | undefined {
  const current = findById(tx, input.messageId);
  if (current === undefined || current.deletedAtMs !== null) return undefined;
  const changed = input.on
    ? tx
        .statement(
          `INSERT INTO reaction (message_id, user_id, emoji, created_at) VALUES (?, ?, ?, ?)
           ON CONFLICT DO NOTHING`,
        )
        .run(current.id, input.userId, input.emoji, input.nowMs)
    : tx
        .statement("DELETE FROM reaction WHERE message_id = ? AND user_id = ? AND emoji = ?")
        .run(current.id, input.userId, input.emoji);
  if (changed.changes === 0) return undefined;
  const seq = nextSeq(tx, current.roomId, input.nowMs);
  tx.statement("UPDATE message SET last_seq = ? WHERE id = ?").run(seq, current.id);
  const payload = { emoji: input.emoji, on: input.on };
  append(tx, {
    ...changeOf(current, { actorId: input.userId, nowMs: input.nowMs }),
    seq,
    kind: "reaction",
    payload,
  });
  return { message: getById(tx, current.id), seq };
}

/** Pins a message, or takes the pin back. Returns undefined if that changes nothing. */
export function pin(
  tx: WriteTransaction,
  input: { messageId: string; actorId: string; on: boolean; nowMs: number },
): MessageChange | undefined {
  const current = findById(tx, input.messageId);
  if (current === undefined || current.deletedAtMs !== null) return undefined;
  if ((current.pinnedAtMs !== null) === input.on) return undefined;
  const seq = nextSeq(tx, current.roomId, input.nowMs);
  tx.statement("UPDATE message SET pinned_at = ?, pinned_by = ?, last_seq = ? WHERE id = ?").run(
    input.on ? input.nowMs : null,
    input.on ? input.actorId : null,
    seq,
    current.id,
  );
  append(tx, { ...changeOf(current, input), seq, kind: input.on ? "pin" : "unpin" });
  return { message: getById(tx, current.id), seq };
}

/** The pinned messages of a room, the newest pin first. */
export function listPinned(tx: ReadTransaction, roomId: string): MessageWithAuthor[] {
  return tx
    .statement<MessageColumns>(
      `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN user u ON u.id = m.author_id
        WHERE m.room_id = ? AND m.pinned_at IS NOT NULL ORDER BY m.pinned_at DESC, m.number DESC`,
    )
    .all(roomId)
    .map(toMessage);
}

export function countPinned(tx: ReadTransaction, roomId: string): number {
  const row = tx
    .statement<{ n: number }>("SELECT count(*) AS n FROM message WHERE room_id = ? AND pinned_at IS NOT NULL")
    .get(roomId);
  return row?.n ?? 0;
}

/** When a member wrote last in a room, deleted messages included; undefined if never. */
export function lastSentAtMs(tx: ReadTransaction, roomId: string, authorId: string): number | undefined {
  return tx
    .statement<{ atMs: number }>(
      `SELECT created_at AS atMs FROM message WHERE author_id = ? AND room_id = ? ORDER BY number DESC LIMIT 1`,
    )
    .get(authorId, roomId)?.atMs;
}

/** Where a page of history lies: before a message number, after one, or with one in the middle. */
export type HistoryPlace = { before: number } | { after: number } | { around: number };

/** A page of a room's messages, the newest unless a place is given. Undefined: no such room. */
export function history(
  tx: ReadTransaction,
  input: { roomId: string; place?: HistoryPlace | undefined; limit: number },
): HistoryPage | undefined {
  const head = findHead(tx, input.roomId);
  if (head === undefined) return undefined;
  const { from, to } = numbersOf(input.place, input.limit, head.headMessageNumber);
  const messages = tx
    .statement<MessageColumns>(
      `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN user u ON u.id = m.author_id
        WHERE m.room_id = ? AND m.number BETWEEN ? AND ? ORDER BY m.number`,
    )
    .all(input.roomId, from, to)
    .map(toMessage);
  return {
    messages,
    hasMore: (messages[0]?.number ?? 1) > 1,
    headNumber: head.headMessageNumber,
    asOfSeq: head.headSeq,
    epoch: head.epoch,
  };
}

/** Numbers have no gaps, so that a page is a range of them. */
function numbersOf(place: HistoryPlace | undefined, limit: number, head: number): { from: number; to: number } {
  if (place !== undefined && "after" in place) return { from: place.after + 1, to: place.after + limit };
  let to = head;
  if (place !== undefined && "before" in place) to = Math.min(head, place.before - 1);
  if (place !== undefined && "around" in place) {
    to = Math.min(head, Math.max(limit, place.around + Math.floor(limit / 2)));
  }
  return { from: Math.max(1, to - limit + 1), to };
}

export function findById(tx: ReadTransaction, id: string): MessageWithAuthor | undefined {
  const row = tx
    .statement<MessageColumns>(
      `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN user u ON u.id = m.author_id WHERE m.id = ?`,
    )
    .get(id);
  return row === undefined ? undefined : toMessage(row);
}

/** The message an author sent under an id of his own, if it arrived. */
export function findByClientId(
  tx: ReadTransaction,
  authorId: string,
  clientMessageId: string,
): MessageWithAuthor | undefined {
  const row = tx
    .statement<MessageColumns>(
      `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN user u ON u.id = m.author_id
        WHERE m.author_id = ? AND m.client_message_id = ?`,
    )
    .get(authorId, clientMessageId);
  return row === undefined ? undefined : toMessage(row);
}

function getById(tx: ReadTransaction, id: string): MessageWithAuthor {
  const found = findById(tx, id);
  if (found === undefined) throw new RowNotFound("message", id);
  return found;
}

function nextSeq(tx: WriteTransaction, roomId: string, nowMs: number): number {
  const row = tx
    .statement<{ seq: number }>(
      "UPDATE room SET head_seq = head_seq + 1, updated_at = ? WHERE id = ? RETURNING head_seq AS seq",
    )
    .get(nowMs, roomId);
  if (row === undefined) throw new RowNotFound("room", roomId);
  return row.seq;
}

function changeOf(current: MessageWithAuthor, input: { actorId: string; nowMs: number }) {
  return { roomId: current.roomId, messageId: current.id, actorId: input.actorId, atMs: input.nowMs };
}

function mention(tx: WriteTransaction, messageId: string, userIds: readonly string[], nowMs: number): void {
  const insert = tx.statement(
    "INSERT INTO mention (message_id, user_id, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  for (const userId of userIds) insert.run(messageId, userId, nowMs);
}
