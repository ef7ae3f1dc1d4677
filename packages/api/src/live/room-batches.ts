import type { ChatOnEventFrame, RoomEvent } from "../routers/chat/schemas.ts";
import { upToCharacters } from "./room-log.ts";

type BatchFrame = Extract<ChatOnEventFrame, { kind: "batch" }>;

/** More places than this at once, and some of those who catch up get frames of their own. */
const MOST_KEPT = 64;

/** Some events after a place, as they are sent. */
export interface RoomBatch {
  readonly frame: BatchFrame;
  readonly lastSeq: number;
  readonly count: number;
}

/** The batches of a room while its head stands where it is: whoever is at the same place gets the same frame object. */
export class RoomBatches {
  readonly #byPlace = new Map<number, RoomBatch>();

  at(afterSeq: number): RoomBatch | undefined {
    return this.#byPlace.get(afterSeq);
  }

  /** Makes the batch of events that follow a place; null for none. */
  keep(afterSeq: number, following: readonly RoomEvent[]): RoomBatch | null {
    const events = upToCharacters(following);
    const last = events.at(-1);
    if (last === undefined) {
      return null;
    }
    const batch: RoomBatch = { frame: { kind: "batch", events: [...events] }, lastSeq: last.seq, count: events.length };
    if (this.#byPlace.size < MOST_KEPT) {
      this.#byPlace.set(afterSeq, batch);
    }
    return batch;
  }

  /** The head moved: longer batches may be made now. */
  clear(): void {
    this.#byPlace.clear();
  }
}
