import type { Typing } from "../deps/doorbells.ts";
import type { ChatOnEventFrame, Typist } from "../routers/chat/schemas.ts";

export type TypingFrame = Extract<ChatOnEventFrame, { kind: "typing" }>;

/** Who has not been heard of for this long types no more, whatever became of the message that says so. */
const TYPES_FOR_MS = 6_000;
/** More are not told apart by anybody who reads. */
const MOST_SHOWN = 5;

/** Who is writing in a room, as this process hears of it. Nothing of it is kept anywhere. */
export class RoomTypists {
  readonly #byId = new Map<string, { readonly typist: Typist; readonly untilMs: number }>();
  readonly #changed: () => void;
  #timer: NodeJS.Timeout | undefined;
  #version = 0;
  /** What who does not write himself is told: one frame for all of them. */
  #frame: { readonly version: number; readonly frame: TypingFrame } | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Rises with every change of who is writing. */
  get version(): number {
    return this.#version;
  }

  /** Who is writing, but for one, the longest first; a few at most. */
  others(userId: string): Typist[] {
    const others = [...this.#byId.values()].filter(({ typist }) => typist.id !== userId);
    return others.slice(0, MOST_SHOWN).map(({ typist }) => typist);
  }

  /** The frame that says who is writing, to somebody. */
  frameFor(userId: string): TypingFrame {
    if (this.#byId.has(userId)) {
      return { kind: "typing", members: this.others(userId) };
    }
    if (this.#frame?.version !== this.#version) {
      this.#frame = { version: this.#version, frame: { kind: "typing", members: this.others(userId) } };
    }
    return this.#frame.frame;
  }

  hear({ userId, displayName, isTyping }: Typing): void {
    if (!isTyping) {
      this.forget(userId);
      return;
    }
    const isNew = !this.#byId.has(userId);
    this.#byId.set(userId, { typist: { id: userId, displayName }, untilMs: performance.now() + TYPES_FOR_MS });
    this.#timer ??= this.#later();
    if (isNew) {
      this.#change();
    }
  }

  /** He stopped, or what he wrote has come. */
  forget(userId: string): void {
    if (this.#byId.delete(userId)) {
      this.#change();
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#byId.clear();
  }

  #later(): NodeJS.Timeout {
    const timer = setTimeout(() => {
      const nowMs = performance.now();
      const gone = [...this.#byId].filter(([, { untilMs }]) => untilMs <= nowMs);
      gone.forEach(([userId]) => this.#byId.delete(userId));
      this.#timer = this.#byId.size > 0 ? this.#later() : undefined;
      if (gone.length > 0) {
        this.#change();
      }
    }, 1_000);
    timer.unref();
    return timer;
  }

  #change(): void {
    this.#version += 1;
    this.#changed();
  }
}
