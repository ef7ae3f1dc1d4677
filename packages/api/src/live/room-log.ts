import { type Database, roomEventQueries, type RoomHead, roomQueries } from "@cardinal/db";
import { RoomNotFound } from "../errors/domain-errors.ts";
import type { RoomEvent } from "../routers/chat/schemas.ts";
import { toMessageView } from "../use-cases/chat/message-view.ts";

export const EVENTS_PER_BATCH = 200;
/** No more text than this in a frame, so that none outgrows what a slow reader may cost. */
const CHARACTERS_PER_BATCH = 128_000;

/** A part of a room's log, and where the log stood in the same snapshot. */
export interface LogPart {
  readonly head: RoomHead;
  readonly events: readonly RoomEvent[];
}

/** One room's log in the database, as its topic reads it. Every method throws `RoomNotFound` for no such room. */
export class RoomLog {
  readonly #db: Pick<Database, "read">;
  readonly #roomId: string;
  /** The last page read for streams that are behind: those about there share it. */
  #page: LogPart | undefined;

  constructor(db: Pick<Database, "read">, roomId: string) {
    this.#db = db;
    this.#roomId = roomId;
  }

  /** The newest events, ascending. */
  async newest(): Promise<LogPart> {
    const { head, events } = await this.#db.read((tx) => {
      const found = roomQueries.findHead(tx, this.#roomId);
      const from = found === undefined ? 0 : Math.max(found.minSeq - 1, found.headSeq - EVENTS_PER_BATCH);
      return { head: found, events: roomEventQueries.range(tx, this.#roomId, from, EVENTS_PER_BATCH) };
    });
    if (head === undefined) {
      throw new RoomNotFound();
    }
    return { head, events: events.map(toRoomEvent) };
  }

  /** The next events after a place. */
  async after(seq: number): Promise<LogPart> {
    const found = await this.#db.read((tx) =>
      roomEventQueries.rangeWithHead(tx, this.#roomId, seq, EVENTS_PER_BATCH),
    );
    if (found === undefined) {
      throw new RoomNotFound();
    }
    return { head: found.head, events: found.events.map(toRoomEvent) };
  }

  /** The next events after a place of an epoch, without a gap, or null when they are not to be had. */
  async page(afterSeq: number, epoch: string): Promise<readonly RoomEvent[] | null> {
    const kept = this.#page;
    const index = afterSeq + 1 - (kept?.events[0]?.seq ?? Number.POSITIVE_INFINITY);
    if (kept?.head.epoch === epoch && index >= 0 && index < kept.events.length) {
      return kept.events.slice(index);
    }
    const read = await this.after(afterSeq);
    if (read.head.epoch !== epoch || read.events[0]?.seq !== afterSeq + 1) {
      return null;
    }
    this.#page = read;
    return read.events;
  }

  /** Gives the shared page's memory back. */
  forgetPage(): void {
    this.#page = undefined;
  }
}

/** The first of the events: at least one, then as many as their texts allow. */
export function upToCharacters(events: readonly RoomEvent[]): readonly RoomEvent[] {
  let characters = 0;
  const tooMuch = events.findIndex(({ message }, index) => {
    characters += message.body.length;
    return index > 0 && characters > CHARACTERS_PER_BATCH;
  });
  return tooMuch === -1 ? events : events.slice(0, tooMuch);
}

function toRoomEvent({ seq, kind, atMs, message }: roomEventQueries.RoomEvent): RoomEvent {
  return { seq, kind, atMs, message: toMessageView(message) };
}
