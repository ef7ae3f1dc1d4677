import type { Message, RepliedMessage } from "@cardinal/api/schemas";
import { readFault } from "@cardinal/client/errors";
import { v4 as uuid } from "uuid";
import { api, live, liveClient } from "../../lib/api-client.ts";
import { currentMember, onSessionEnd } from "../../lib/session-state.ts";
import { storage } from "../../lib/storage.ts";
import { Outbox } from "./outbox.ts";
import type { OutboxPort, OutgoingMessage } from "./outbox.ts";
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
    history: (before) =>
      api.chat.history.fetch(before === undefined ? { roomId } : { roomId, before }, {
        staleTime: 0,
        gcTime: 0,
      }),
    listen: (cursor, { onData, onError }) =>
      liveClient.chat.onEvent.subscribe({ roomId, cursor }, { onData: ({ data }) => onData(data), onError }),
    onMessages: (messages) => outbox.confirm(ownIds(messages)),
    onPins: () => void api.chat.pins.invalidate({ roomId }),
    // Put out, most likely: the room and the list say what is left.
    onRefused: () => {
      void api.room.get.invalidate();
      void api.room.list.invalidate();
    },
  });
  const outbox: Outbox = new Outbox({
    send: (message) => send(roomId, message),
    onSent: (message) => feed.addSent(message),
    load: () => loadOutbox(key),
    save: (messages) =>
      messages.length > 0 ? storage.set(key, JSON.stringify(messages)) : storage.remove(key),
  });
  return {
    feed,
    outbox,
    send: (body, replyTo) =>
      outbox.add({ clientMessageId: uuid(), body, createdAtMs: Date.now(), ...(replyTo && { replyTo }) }),
  };
}

/** What a refusal of these says of the room, the page does not know yet. */
const ABOUT_THE_ROOM = new Set(["MUTED", "ROOM_ARCHIVED", "SLOW_MODE", "NOT_A_MEMBER", "ROOM_NOT_FOUND"]);

async function send(roomId: string, message: Parameters<OutboxPort["send"]>[0]): Promise<Message> {
  try {
    return (await liveClient.chat.send.mutate({ roomId, ...message })).message;
  } catch (error) {
    if (ABOUT_THE_ROOM.has(readFault(error).reason ?? "")) void api.room.get.invalidate();
    throw error;
  }
}

function ownIds(messages: readonly Message[]): Set<string> {
  return new Set(messages.flatMap(({ clientMessageId }) => clientMessageId ?? []));
}

export function roomSession(roomId: string): RoomSession {
  const session = sessions.get(roomId) ?? createSession(roomId);
  sessions.set(roomId, session);
  return session;
}
