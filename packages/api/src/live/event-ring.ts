import type { RoomEvent } from "../routers/chat/schemas.ts";

const MOST_EVENTS = 256;
const MOST_CHARACTERS = 1_000_000;

/** The last events of a room, contiguous: a storm of reconnects is answered from here, not from the database. */
export class EventRing {
  #events: RoomEvent[] = [];
  #characters = 0;

  /** The seq of the newest event, or undefined when empty. */
  get newestSeq(): number | undefined {
    return this.#events.at(-1)?.seq;
  }

  /** The event must follow the newest one. */
  push(event: RoomEvent): void {
    this.#events.push(event);
    this.#characters += event.message.body.length;
    while (this.#events.length > MOST_EVENTS || (this.#characters > MOST_CHARACTERS && this.#events.length > 1)) {
      this.#characters -= this.#events.shift()?.message.body.length ?? 0;
    }
  }

  clear(): void {
    this.#events = [];
    this.#characters = 0;
  }

  /** At most `limit` events after a seq, or null when the ring does not reach back that far. */
  after(seq: number, limit: number): RoomEvent[] | null {
    const first = this.#events[0];
    if (first === undefined || seq + 1 < first.seq) {
      return null;
    }
    const index = seq + 1 - first.seq;
    return this.#events.slice(index, index + limit);
  }
}
