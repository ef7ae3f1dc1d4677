import type { Change, MessageStore } from "./message-store.ts";
import { toOutgoing } from "./outgoing.ts";
import type { Draft, OutgoingMessage, WrittenMessage } from "./outgoing.ts";

/** Keeps messages as long as the page: for browsers that let nothing be kept. */
export class MemoryStore implements MessageStore {
  readonly isLasting: boolean = false;
  #messages: readonly OutgoingMessage[];
  readonly #drafts = new Map<string, Draft>();

  constructor(messages: readonly OutgoingMessage[] = []) {
    this.#messages = messages;
  }

  async list(memberId: string): Promise<OutgoingMessage[]> {
    return this.#messages.filter((message) => message.memberId === memberId);
  }

  async add(memberId: string, messages: readonly WrittenMessage[], nowMs: number): Promise<void> {
    for (const message of messages) {
      if (this.#messages.some(({ clientMessageId }) => clientMessageId === message.clientMessageId)) continue;
      const order = (this.#messages.at(-1)?.order ?? 0) + 1;
      this.#messages = [...this.#messages, toOutgoing(message, memberId, order, nowMs)];
      this.#drafts.delete(keyOf({ memberId, roomId: message.roomId }));
    }
  }

  async change(memberId: string, change: Change): Promise<void> {
    this.#messages = this.#messages.flatMap((message) =>
      message.memberId === memberId ? (change(message) ?? []) : message,
    );
  }

  async listDrafts(memberId: string): Promise<Draft[]> {
    return [...this.#drafts.values()].filter((draft) => draft.memberId === memberId);
  }

  async setDraft(draft: Draft): Promise<void> {
    if (draft.text === "") this.#drafts.delete(keyOf(draft));
    else this.#drafts.set(keyOf(draft), draft);
  }

  async forget(memberId: string): Promise<void> {
    this.#messages = this.#messages.filter((message) => message.memberId !== memberId);
    for (const [key, draft] of this.#drafts) if (draft.memberId === memberId) this.#drafts.delete(key);
  }

  close(): void {
    // Nothing is open.
  }
}

function keyOf({ memberId, roomId }: Pick<Draft, "memberId" | "roomId">): string {
  return JSON.stringify([memberId, roomId]);
}
