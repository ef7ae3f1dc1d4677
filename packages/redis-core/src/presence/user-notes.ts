import type { CoreContext } from "../context.ts";
import { isOutage } from "../errors.ts";
import type { PresenceStore, SweptRoom } from "./presence-store.ts";

interface UserNote {
  readonly room: string;
  readonly userId: string;
  /** The room's, of the join or leave: Redis keeps the later note, whichever comes last. */
  readonly version: string;
  readonly hasJoined: boolean;
}

/** What the users' own keys must learn of their joins and leaves. What fails is told again with `flush`. */
export class UserNotes {
  readonly #context: CoreContext;
  readonly #store: PresenceStore;
  readonly #due = new Map<string, UserNote>();

  constructor(context: CoreContext, store: PresenceStore) {
    this.#context = context;
    this.#store = store;
  }

  /** A user joined a room. Never throws. */
  async joined(room: string, userId: string, version: string): Promise<void> {
    this.#context.telemetry.count("presence_joins_total");
    await this.note([{ room, userId, version, hasJoined: true }]);
  }

  /** Users left a room. Never throws. */
  async left(room: string, { version, left }: Pick<SweptRoom, "version" | "left">): Promise<void> {
    if (left.length > 0) {
      this.#context.telemetry.count("presence_leaves_total", {}, left.length);
      await this.note(left.map((userId) => ({ room, userId, version, hasJoined: false })));
    }
  }

  /** Never throws. */
  async note(notes: readonly UserNote[]): Promise<void> {
    await Promise.all(notes.map((each) => this.#tell(each)));
  }

  async flush(): Promise<void> {
    const due = [...this.#due.values()];
    this.#due.clear();
    await this.note(due);
  }

  async #tell(note: UserNote): Promise<void> {
    const { room, userId, version, hasJoined } = note;
    try {
      await this.#store.noteUser(room, userId, version, hasJoined);
    } catch (error) {
      const key = JSON.stringify([room, userId]);
      const other = this.#due.get(key);
      if (!other || Number(other.version) < Number(version)) {
        this.#due.set(key, note);
      }
      if (!isOutage(error)) {
        this.#context.telemetry.log("error", "presence: a user's rooms could not be noted", { error });
      }
    }
  }
}
