import type { Writable } from "node:stream";

/** A reader that has this much not taken yet is waited for. The last frame may exceed it by its own size. */
const HIGH_WATER_BYTES = 128 * 1024;

type Stream = Pick<Writable, "writableLength" | "once">;

/** Tells whether a connection can take more, and when it can again. */
export class Outlet {
  readonly #stream: Stream;
  readonly #onRoom: () => void;
  #awaitsDrain = false;

  /** `onRoom` is called when there is room again, after `hasRoom` has said that there is none. */
  constructor(stream: Stream, onRoom: () => void) {
    this.#stream = stream;
    this.#onRoom = onRoom;
  }

  hasRoom(): boolean {
    if (this.#stream.writableLength < HIGH_WATER_BYTES) {
      return true;
    }
    if (!this.#awaitsDrain) {
      this.#awaitsDrain = true;
      this.#stream.once("drain", () => {
        this.#awaitsDrain = false;
        this.#onRoom();
      });
    }
    return false;
  }
}
