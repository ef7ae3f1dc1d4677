import { type Database, roomEventQueries, type RoomHead, roomQueries } from "@cardinal/db";
import { RoomNotFound } from "../errors/domain-errors.ts";
import type { RoomEvent } from "../routers/chat/schemas.ts";
import { toMessageView } from "../use-cases/chat/message-view.ts";

export const EVENTS_PER_BATCH = 200;
/** Streams that catch up together are about this many pages apart. */
const MOST_PAGES = 3;
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
  /** The last pages read for streams that are behind, newest first: those about there share them. */
  #pages: LogPart[] = [];
  /** Pages on their way, by the place after which they begin. */
  readonly #reading = new Map<number, Promise<LogPart>>();

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

  /**
   * The next events after a place of an epoch, without a gap, or null when they are not to be had. However many ask for
   * the same at once, it is read once.
   */
  async page(afterSeq: number, epoch: string): Promise<readonly RoomEvent[] | null> {
    for (const { head, events } of this.#pages) {
      const index = afterSeq + 1 - (events[0]?.seq ?? Number.POSITIVE_INFINITY);
      if (head.epoch === epoch && index >= 0 && index < events.length) {
        return events.slice(index);
      }
    }
    const read = await this.#readPage(afterSeq);
    return read.head.epoch === epoch && read.events[0]?.seq === afterSeq + 1 ? read.events : null;
  }

  /** Gives the shared pages' memory back. */
  forgetPages(): void {
    this.#pages = [];
  }

  async #readPage(afterSeq: number): Promise<LogPart> {
    const reading =
      this.#reading.get(afterSeq) ??
      this.after(afterSeq)
        .then((page) => {
          this.#pages = [page, ...this.#pages].slice(0, MOST_PAGES);
          return page;
        })
        .finally(() => this.#reading.delete(afterSeq));
    this.#reading.set(afterSeq, reading);
    return await reading;
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
