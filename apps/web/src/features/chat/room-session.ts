import type { RepliedMessage, RoomEvent } from "@cardinal/api/schemas";
import { v4 as uuid } from "uuid";
import { api, liveClient } from "../../lib/api-client.ts";
import { onSessionEnd } from "../../lib/session-state.ts";
import { memberOutbox, onMessageSent } from "./outbox/member-outbox.ts";
import type { OutgoingMessage } from "./outbox/outgoing.ts";
import { RoomFeed } from "./room-feed.ts";

/** A room open in this tab: what is in it, and the way to it. Survives moving to another page. */
export interface RoomSession {
  readonly feed: RoomFeed;
  send(body: string, replyTo?: RepliedMessage): void;
  /** Sends something else in the place of a message that was not sent. */
  resend(unsent: OutgoingMessage, body: string): void;
}

const sessions = new Map<string, RoomSession>();

onSessionEnd(() => {
  for (const { feed } of sessions.values()) feed.stop();
  sessions.clear();
});

onMessageSent((message) => sessions.get(message.roomId)?.feed.addSent(message));

/** What changes the list of pinned messages, or what stands in it. */
const PIN_KINDS: ReadonlySet<RoomEvent["kind"]> = new Set(["pin", "unpin", "edit", "delete"]);

function createSession(roomId: string): RoomSession {
  const feed = new RoomFeed({
    // The feed keeps what it reads; a cached page would be an old one.
    history: (place) => api.chat.history.fetch({ roomId, ...place }, { staleTime: 0, gcTime: 0 }),
    listen: (cursor, { onData, onError }) =>
      liveClient.chat.onEvent.subscribe({ roomId, cursor }, { onData: ({ data }) => onData(data), onError }),
    onMessages: (messages) => void memberOutbox().outbox.confirm(messages),
    onEvents: (events) => {
      if (events?.every(({ kind }) => !PIN_KINDS.has(kind)) !== true) void api.chat.pins.invalidate({ roomId });
    },
    // Put out, most likely: the room and the list say what is left.
    onRefused: () => {
      void api.room.get.invalidate();
      void api.room.list.invalidate();
    },
  });
  const write = (body: string, replyTo?: RepliedMessage) => {
    const message = { clientMessageId: uuid(), roomId, body, createdAtMs: Date.now(), ...(replyTo && { replyTo }) };
    void memberOutbox().outbox.add(message);
    // It will stand at the end, and whoever wrote it wants to see it there.
    void feed.jumpToLatest();
  };
  return {
    feed,
    send: write,
    resend({ clientMessageId, replyTo }, body) {
      write(body, replyTo);
      void memberOutbox().outbox.discard(clientMessageId);
    },
  };
}

export function roomSession(roomId: string): RoomSession {
  const session = sessions.get(roomId) ?? createSession(roomId);
  sessions.set(roomId, session);
  return session;
}
