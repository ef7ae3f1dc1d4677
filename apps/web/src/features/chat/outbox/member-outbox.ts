import type { Message } from "@cardinal/api/schemas";
import { readFault } from "@cardinal/client/errors";
import { api, live, liveClient } from "../../../lib/api-client.ts";
import { currentMember, onSessionEnd, sessionExpired } from "../../../lib/session-state.ts";
import { Drafts } from "./drafts.ts";
import { IndexedStore, openMessageStore } from "./indexed-store.ts";
import { seekLeadership } from "./leadership.ts";
import { takeOverLegacy } from "./legacy-storage.ts";
import { MemoryStore } from "./memory-store.ts";
import type { MessageStore } from "./message-store.ts";
import { Outbox } from "./outbox.ts";
import type { OutgoingMessage } from "./outgoing.ts";

/** What a member has on its way and has begun to write, in this browser. */
export interface MemberOutbox {
  readonly memberId: string;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  /** Signing out: takes away what is kept. Never rejects, and takes two seconds at most. */
  forget(): Promise<void>;
  end(): void;
}

const LOOK_EVERY_MS = 5_000;
const NEGLECTED_AFTER_MS = 10_000;
/** A store that does not answer must not hold up who signs out. */
const FORGET_WITHIN_MS = 2_000;

const sentListeners = new Set<(message: Message) => void>();
/** Hears of every message this page has sent, as it is stored. */
export function onMessageSent(hear: (message: Message) => void): void {
  sentListeners.add(hear);
}

let current: MemberOutbox | null = null;

/** The outbox of who is signed in; it begins to send when it is first asked for. */
export function memberOutbox(): MemberOutbox {
  const memberId = currentMember() ?? "";
  if (current?.memberId !== memberId) {
    current?.end();
    current = start(memberId);
  }
  return current;
}

onSessionEnd(() => {
  current?.end();
  current = null;
});

/** What a refusal for one of these says of the room, its page does not know yet. */
const ABOUT_THE_ROOM = new Set(["MUTED", "ROOM_ARCHIVED", "SLOW_MODE", "NOT_A_MEMBER", "ROOM_NOT_FOUND"]);

async function send({ memberId, roomId, body, clientMessageId, replyTo }: OutgoingMessage): Promise<Message> {
  const input = { roomId, body, clientMessageId, replyToId: replyTo?.id ?? null, authorId: memberId };
  try {
    return (await liveClient.chat.send.mutate(input)).message;
  } catch (error) {
    if (ABOUT_THE_ROOM.has(readFault(error).reason ?? "")) void api.room.get.invalidate();
    throw error;
  }
}

async function openStore(memberId: string): Promise<MessageStore> {
  const store = await openMessageStore();
  // Left there, it is taken over next time.
  await takeOverLegacy(memberId, store).catch(() => undefined);
  return store;
}

function start(memberId: string): MemberOutbox {
  // Between two members there is nothing to keep.
  const store = memberId === "" ? Promise.resolve(new MemoryStore()) : openStore(memberId);
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("cardinal.outbox");
  const outbox = new Outbox({
    memberId,
    store,
    send,
    onSent: (message) => sentListeners.forEach((hear) => hear(message)),
    tellOthers: () => channel?.postMessage(memberId),
    now: Date.now,
  });
  const drafts = new Drafts(memberId, store);
  void outbox.refresh();
  void drafts.load();
  channel?.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (data !== memberId) return;
    void outbox.refresh();
    void drafts.load();
  });

  let isLeading = false;
  const leadership = seekLeadership(`cardinal.outbox.${memberId}`, {
    onLead() {
      isLeading = true;
      void outbox.lead();
    },
    onLost() {
      isLeading = false;
      if (outbox.isLasting.getSnapshot()) outbox.stopLeading();
    },
  });
  const timer = setInterval(() => {
    const isSeen = document.visibilityState === "visible";
    if (!isLeading && isSeen && outbox.isNeglected(NEGLECTED_AFTER_MS)) leadership.takeOver();
  }, LOOK_EVERY_MS);

  // What waited for the network, or for its member, goes out when they are back, not when its timer says so.
  let wasLive = live.connection.state === "live";
  const stopWatching = live.connection.subscribe(() => {
    const isLive = live.connection.state === "live";
    if (isLive && !wasLive) void outbox.retry();
    wasLive = isLive;
  });
  const stopListening = sessionExpired.subscribe(() => {
    if (!sessionExpired.getSnapshot()) void outbox.retry();
  });

  const end = () => {
    clearInterval(timer);
    stopWatching();
    stopListening();
    leadership.end();
    outbox.close();
    channel?.close();
  };
  return {
    memberId,
    outbox,
    drafts,
    end,
    async forget() {
      // By a connection of its own: this outbox closes its one meanwhile.
      const all = new IndexedStore();
      const forgotten = all
        .forget(memberId)
        .catch(() => undefined)
        .finally(() => all.close());
      await Promise.race([forgotten, new Promise((resolve) => setTimeout(resolve, FORGET_WITHIN_MS))]);
    },
  };
}
