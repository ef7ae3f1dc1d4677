import { storage } from "../../../lib/storage.ts";
import type { MessageStore } from "./message-store.ts";
import type { WrittenMessage } from "./outgoing.ts";

/** Where earlier versions kept unsent messages and drafts: in localStorage, a key for each member and room. */
const outboxKey = (memberId: string) => `cardinal.member.outbox.${memberId}.`;
const draftKey = (memberId: string) => `cardinal.member.draft.${memberId}.`;

function isWritten(value: unknown): value is Omit<WrittenMessage, "roomId"> {
  if (typeof value !== "object" || value === null) return false;
  return (
    "clientMessageId" in value &&
    typeof value.clientMessageId === "string" &&
    "body" in value &&
    typeof value.body === "string" &&
    "createdAtMs" in value &&
    typeof value.createdAtMs === "number"
  );
}

function readList(text: string): WrittenMessage[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.filter(isWritten).map((message) => ({ ...message, roomId: "" })) : [];
  } catch {
    return [];
  }
}

/** Takes over what an earlier version left, and removes it there once it is kept here. Doing it again changes nothing. */
export async function takeOverLegacy(memberId: string, store: MessageStore): Promise<void> {
  const drafts = storage.entries(draftKey(memberId));
  for (const [roomId, text] of drafts) await store.setDraft({ memberId, roomId, text });
  const outgoing = storage.entries(outboxKey(memberId));
  for (const [roomId, text] of outgoing) {
    const messages = readList(text).map(({ clientMessageId, body, createdAtMs, replyTo }) => ({
      clientMessageId,
      roomId,
      body,
      createdAtMs,
      ...(replyTo && { replyTo }),
    }));
    await store.add(memberId, messages, Date.now());
  }
  for (const [roomId] of drafts) storage.remove(draftKey(memberId) + roomId);
  for (const [roomId] of outgoing) storage.remove(outboxKey(memberId) + roomId);
}
