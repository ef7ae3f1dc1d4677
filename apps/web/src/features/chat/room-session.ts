import type { Message, RepliedMessage } from "@cardinal/api/schemas";
import { v4 as uuid } from "uuid";
import { api, live, liveClient } from "../../lib/api-client.ts";
import { currentMember, onSessionEnd } from "../../lib/session-state.ts";
import { storage } from "../../lib/storage.ts";
import { Outbox } from "./outbox.ts";
import type { OutgoingMessage } from "./outbox.ts";
import { RoomFeed } from "./room-feed.ts";

/** A room open in this tab: what is in it, and what is on its way to it. Survives moving to another page. */
export interface RoomSession {
  readonly feed: RoomFeed;
  readonly outbox: Outbox;
  send(body: string, replyTo?: RepliedMessage): void;
}

const sessions = new Map<string, RoomSession>();

onSessionEnd(() => {
  for (const { feed, outbox } of sessions.values()) {
    feed.stop();
    outbox.close();
  }
  sessions.clear();
});

// What waited for the network goes out when it is back, not when its timer says so.
let wasLive = true;
live.connection.subscribe(() => {
  const isLive = live.connection.state === "live";
  if (isLive && !wasLive) for (const { outbox } of sessions.values()) outbox.retry();
  wasLive = isLive;
});

const outboxKey = (roomId: string) => `cardinal.member.outbox.${currentMember()}.${roomId}`;

function isOutgoing(value: unknown): value is OutgoingMessage {
  if (typeof value !== "object" || value === null) return false;
  return "clientMessageId" in value && "body" in value && typeof value.body === "string";
}

function loadOutbox(key: string): OutgoingMessage[] {
  try {
    const stored: unknown = JSON.parse(storage.get(key) ?? "[]");
    if (!Array.isArray(stored)) return [];
    return stored
      .filter(isOutgoing)
      .map((message) => ({ ...message, state: message.state === "failed" ? "failed" : "queued" }));
  } catch {
    return [];
  }
}

function createSession(roomId: string): RoomSession {
  const key = outboxKey(roomId);
  const feed = new RoomFeed({
    // The feed keeps what it reads; a cached page would be an old one.
    history: (place) => api.chat.history.fetch({ roomId, ...place }, { staleTime: 0, gcTime: 0 }),
    listen: (cursor, { onData, onError }) =>
      liveClient.chat.onEvent.subscribe({ roomId, cursor }, { onData: ({ data }) => onData(data), onError }),
    onMessages: (messages) => outbox.confirm(ownIds(messages)),
  });
  const outbox: Outbox = new Outbox({
    send: async (message) => (await liveClient.chat.send.mutate({ roomId, ...message })).message,
    onSent: (message) => feed.addSent(message),
    load: () => loadOutbox(key),
    save: (messages) =>
      messages.length > 0 ? storage.set(key, JSON.stringify(messages)) : storage.remove(key),
  });
  return {
    feed,
    outbox,
    send(body, replyTo) {
      outbox.add({ clientMessageId: uuid(), body, createdAtMs: Date.now(), ...(replyTo && { replyTo }) });
      // It will stand at the end, and whoever wrote it wants to see it there.
      void feed.jumpToLatest();
    },
  };
}

function ownIds(messages: readonly Message[]): Set<string> {
  return new Set(messages.flatMap(({ clientMessageId }) => clientMessageId ?? []));
}

export function roomSession(roomId: string): RoomSession {
  const session = sessions.get(roomId) ?? createSession(roomId);
  sessions.set(roomId, session);
  return session;
}
