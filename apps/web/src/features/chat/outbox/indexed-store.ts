import { openDB } from "idb";
import type { DBSchema, IDBPDatabase } from "idb";
import { MemoryStore } from "./memory-store.ts";
import type { Change, MessageStore } from "./message-store.ts";
import { toOutgoing } from "./outgoing.ts";
import type { Draft, OutgoingMessage, WrittenMessage } from "./outgoing.ts";

interface Schema extends DBSchema {
  outgoing: { key: number; value: OutgoingMessage; indexes: { member: string; clientMessageId: string } };
  draft: { key: [string, string]; value: Draft; indexes: { member: string } };
}

const NAME = "cardinal";
const VERSION = 1;
const OPEN_WITHIN_MS = 5_000;

/** Keeps messages in IndexedDB, for all pages of this browser. What was added is on disk when its promise resolves. */
export class IndexedStore implements MessageStore {
  readonly isLasting = true;
  #opening: Promise<IDBPDatabase<Schema>> | null = null;

  async list(memberId: string): Promise<OutgoingMessage[]> {
    return (await this.#open()).getAllFromIndex("outgoing", "member", memberId);
  }

  async add(memberId: string, messages: readonly WrittenMessage[], nowMs: number): Promise<void> {
    const tx = (await this.#open()).transaction(["outgoing", "draft"], "readwrite", { durability: "strict" });
    const outgoing = tx.objectStore("outgoing");
    const requests: Promise<unknown>[] = [];
    let order = (await outgoing.openCursor(null, "prev"))?.key ?? 0;
    for (const message of messages) {
      if ((await outgoing.index("clientMessageId").getKey(message.clientMessageId)) !== undefined) continue;
      order += 1;
      requests.push(outgoing.add(toOutgoing(message, memberId, order, nowMs)));
      requests.push(tx.objectStore("draft").delete([memberId, message.roomId]));
    }
    // At once, so that a page that closes in this moment does not take it back.
    tx.commit();
    await Promise.all([...requests, tx.done]);
  }

  async change(memberId: string, change: Change): Promise<void> {
    const tx = (await this.#open()).transaction("outgoing", "readwrite");
    const messages = await tx.store.index("member").getAll(memberId);
    const requests = messages.map((message) => {
      const next = change(message);
      if (next === null) return tx.store.delete(message.order);
      return next === message ? undefined : tx.store.put(next);
    });
    await Promise.all([...requests, tx.done]);
  }

  async listDrafts(memberId: string): Promise<Draft[]> {
    return (await this.#open()).getAllFromIndex("draft", "member", memberId);
  }

  async setDraft(draft: Draft): Promise<void> {
    const tx = (await this.#open()).transaction("draft", "readwrite");
    const request = draft.text === "" ? tx.store.delete([draft.memberId, draft.roomId]) : tx.store.put(draft);
    tx.commit();
    await Promise.all([request, tx.done]);
  }

  async forget(memberId: string): Promise<void> {
    const tx = (await this.#open()).transaction(["outgoing", "draft"], "readwrite");
    const [outgoing, draft] = [tx.objectStore("outgoing"), tx.objectStore("draft")];
    const messages = await outgoing.index("member").getAllKeys(memberId);
    const drafts = await draft.index("member").getAllKeys(memberId);
    await Promise.all([
      ...messages.map((key) => outgoing.delete(key)),
      ...drafts.map((key) => draft.delete(key)),
      tx.done,
    ]);
  }

  close(): void {
    void this.#opening?.then((db) => db.close()).catch(() => undefined);
    this.#opening = null;
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#opening ??= openDB<Schema>(NAME, VERSION, {
      upgrade(db) {
        const outgoing = db.createObjectStore("outgoing", { keyPath: "order" });
        outgoing.createIndex("member", "memberId");
        outgoing.createIndex("clientMessageId", "clientMessageId", { unique: true });
        db.createObjectStore("draft", { keyPath: ["memberId", "roomId"] }).createIndex("member", "memberId");
      },
      // A newer page wants to change the tables, or the browser took them away: the next call opens them anew.
      blocking: () => this.close(),
      terminated: () => {
        this.#opening = null;
      },
    }).catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }
}

/** IndexedDB where the browser has it and lets it be used; else memory. */
export async function openMessageStore(): Promise<MessageStore> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("IndexedDB does not answer")), OPEN_WITHIN_MS);
  const store = new IndexedStore();
  try {
    await Promise.race([store.list(""), late]);
    return store;
  } catch {
    return new MemoryStore();
  } finally {
    clearTimeout(timer);
  }
}
