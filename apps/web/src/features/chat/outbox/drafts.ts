import { Store } from "../../../lib/store.ts";
import type { MessageStore } from "./message-store.ts";

/** What a member has begun to write, per room. Kept over reloads and an expired session, until sign-out. */
export class Drafts {
  /** Null until they are read. */
  readonly texts = new Store<ReadonlyMap<string, string> | null>(null);
  readonly #memberId: string;
  readonly #store: Promise<MessageStore>;

  constructor(memberId: string, store: Promise<MessageStore>) {
    this.#memberId = memberId;
    this.#store = store;
  }

  /** Reads what is kept; to be called when another page has written. */
  async load(): Promise<void> {
    const drafts = await this.#store.then((store) => store.listDrafts(this.#memberId)).catch(() => []);
    this.texts.set(new Map(drafts.map(({ roomId, text }) => [roomId, text])));
  }

  get(roomId: string): string {
    return this.texts.getSnapshot()?.get(roomId) ?? "";
  }

  set(roomId: string, text: string): void {
    this.texts.set(new Map(this.texts.getSnapshot()).set(roomId, text));
    // A browser that keeps nothing keeps it as long as the page.
    this.#store.then((store) => store.setDraft({ memberId: this.#memberId, roomId, text })).catch(() => undefined);
  }
}
