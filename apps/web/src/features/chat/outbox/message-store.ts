import type { Draft, OutgoingMessage, WrittenMessage } from "./outgoing.ts";

/** Answers what a message shall be; itself: it stays; null: it goes. */
export type Change = (message: OutgoingMessage) => OutgoingMessage | null;

/** Where a browser keeps what its members have written. Each method is one transaction. */
export interface MessageStore {
  /** Whether it survives the page. */
  readonly isLasting: boolean;
  /** A member's messages in the order they were written. */
  list(memberId: string): Promise<OutgoingMessage[]>;
  /** Keeps messages, each once, and forgets the drafts they were. */
  add(memberId: string, messages: readonly WrittenMessage[], nowMs: number): Promise<void>;
  /** Applies a change to each of a member's messages. Two at once come one after the other. */
  change(memberId: string, change: Change): Promise<void>;
  listDrafts(memberId: string): Promise<Draft[]>;
  setDraft(draft: Draft): Promise<void>;
  /** Takes away everything of a member. */
  forget(memberId: string): Promise<void>;
  close(): void;
}
