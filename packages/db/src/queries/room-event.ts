import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import type { JsonObject } from "../schema/columns.ts";
import type { RoomEventKind } from "../schema/message.ts";
import { MESSAGE_COLUMNS, toMessage, type MessageColumns, type MessageWithAuthor } from "./message-row.ts";
import { findHead, type RoomHead } from "./room.ts";

/**
 * One entry of a room's log. `message` is the message as it stands in this snapshot, not as it stood then.
 */
export interface RoomEvent {
  roomId: string;
  seq: number;
  kind: RoomEventKind;
  actorId: string;
  /** For a reaction `{ emoji, on }`; otherwise null. */
  payload: JsonObject | null;
  atMs: number;
  message: MessageWithAuthor;
}

export interface NewRoomEvent {
  roomId: string;
  seq: number;
  kind: RoomEventKind;
  messageId: string;
  actorId: string;
  payload?: JsonObject;
  atMs: number;
}

type EventColumns = MessageColumns & {
  eventSeq: number;
  kind: RoomEventKind;
  actorId: string;
  payload: string | null;
  atMs: number;
};

/** Writes an entry under a `seq` the caller has just taken from the room. */
export function append(tx: WriteTransaction, event: NewRoomEvent): void {
  tx.statement(
    `INSERT INTO room_event (room_id, seq, kind, message_id, actor_id, payload, at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    event.roomId,
    event.seq,
    event.kind,
    event.messageId,
    event.actorId,
    event.payload === undefined ? null : JSON.stringify(event.payload),
    event.atMs,
  );
}

/** The events after a `seq`, ascending and without gaps, at most `limit`, with message and author. */
export function range(tx: ReadTransaction, roomId: string, afterSeq: number, limit: number): RoomEvent[] {
  return tx
    .statement<EventColumns>(
      `SELECT ${MESSAGE_COLUMNS}, e.seq AS eventSeq, e.kind, e.actor_id AS actorId, e.payload, e.at AS atMs
         FROM room_event e JOIN message m ON m.id = e.message_id JOIN user u ON u.id = m.author_id
        WHERE e.room_id = ? AND e.seq > ? ORDER BY e.seq LIMIT ?`,
    )
    .all(roomId, afterSeq, limit)
    .map(toEvent);
}

/** `range` and the head it belongs to, from one snapshot. Undefined: no such room. */
export function rangeWithHead(
  tx: ReadTransaction,
  roomId: string,
  afterSeq: number,
  limit: number,
): { head: RoomHead; events: RoomEvent[] } | undefined {
  const head = findHead(tx, roomId);
  return head === undefined ? undefined : { head, events: range(tx, roomId, afterSeq, limit) };
}

/**
 * Drops the oldest entries, those older than an instant and those before the last `keepLast`, at most `limit`. `minSeq`
 * moves with them, so that a cursor from before is told to reset. Messages and read marks stay. Returns how many went.
 */
export function trim(
  tx: WriteTransaction,
  input: { roomId: string; olderThanMs: number; keepLast: number; limit: number },
): number {
  const head = findHead(tx, input.roomId);
  if (head === undefined) return 0;
  const lastSeq = Math.min(head.headSeq, head.minSeq + input.limit - 1);
  const firstKept = tx
    .statement<{ seq: number | null }>(
      "SELECT min(seq) AS seq FROM room_event WHERE room_id = ? AND seq > ? AND seq <= ? AND at >= ?",
    )
    .get(input.roomId, head.headSeq - input.keepLast, lastSeq, input.olderThanMs)?.seq;
  const upTo = firstKept === null || firstKept === undefined ? lastSeq : firstKept - 1;
  if (upTo < head.minSeq) return 0;
  tx.statement("UPDATE room SET min_seq = ? WHERE id = ?").run(upTo + 1, input.roomId);
  const dropped = tx.statement("DELETE FROM room_event WHERE room_id = ? AND seq <= ?");
  return dropped.run(input.roomId, upTo).changes;
}

/** The rooms `trim` would take something from. */
export function listToTrim(tx: ReadTransaction, input: { olderThanMs: number; keepLast: number }): string[] {
  return tx
    .statement<{ roomId: string }>(
      `SELECT r.id AS roomId FROM room r JOIN room_event e ON e.room_id = r.id AND e.seq = r.min_seq
        WHERE r.min_seq <= r.head_seq - :keepLast OR e.at < :olderThanMs`,
    )
    .all(input)
    .map(({ roomId }) => roomId);
}

function toEvent(row: EventColumns): RoomEvent {
  return {
    roomId: row.roomId,
    seq: row.eventSeq,
    kind: row.kind,
    actorId: row.actorId,
    payload: row.payload === null ? null : (JSON.parse(row.payload) as JsonObject),
    atMs: row.atMs,
    message: toMessage(row),
  };
}
