import type { RedisCore } from "@cardinal/redis-core";
import type { Channel } from "@cardinal/redis-core/channel";
import { z } from "zod";
import { type RoomEvent, roomEventSchema } from "../routers/chat/schemas.ts";

/**
 * The channels that say "something is new". What is new stands in the database; a lost message costs a few
 * seconds of delay, never an event.
 */
const typingSchema = z.object({ userId: z.string(), displayName: z.string(), isTyping: z.boolean() });

const pageStateSchema = z.object({
  userId: z.string(),
  page: z.string(),
  state: z.enum(["active", "idle", "away"]),
});
/** What a page says of its member. */
export type PageState = z.infer<typeof pageStateSchema>;

const inboxRingSchema = z.enum(["inbox", "rooms"]);
export type InboxRing = z.infer<typeof inboxRingSchema>;

const controlSchema = z.discriminatedUnion("about", [
  /** He joined, left, was put out, or his rights in the room have changed. */
  z.object({ about: z.literal("member"), roomId: z.string(), userId: z.string() }),
  /** The room itself is kept in another way. */
  z.object({ about: z.literal("room"), roomId: z.string() }),
]);
/** Says that something about a room is worth another look; what it is stands in the database. */
export type Control = z.infer<typeof controlSchema>;

/** A member began to write, goes on, or has stopped. */
export type Typing = z.infer<typeof typingSchema>;

export interface Doorbells {
  /** Rings for every event of a room, and carries it, so that most listeners need not read the log. */
  room(roomId: string): Channel<RoomEvent>;
  /** Who is writing in a room. What is lost is said again, or forgotten. */
  typing(roomId: string): Channel<Typing>;
  /** Says that a member's inbox, or his rooms, are worth another look. */
  inbox(userId: string): Channel<InboxRing>;
  /** Says that a counter has changed. */
  counter(name: string): Channel<"changed">;
  /** What pages say of their members, for the process that has their streams. */
  pages(): Channel<PageState>;
  /** Who may be in which room, and how rooms are kept: every process hears it for the streams it holds. */
  control(): Channel<Control>;
}

export function createDoorbells(core: RedisCore): Doorbells {
  return {
    room: (roomId) => core.channel(`room-${roomId}`, { schema: roomEventSchema }),
    control: () => core.channel("control", { schema: controlSchema }),
    pages: () => core.channel("pages", { schema: pageStateSchema }),
    inbox: (userId) => core.channel(`inbox-${userId}`, { schema: inboxRingSchema }),
    counter: (name) => core.channel(`counter-${name}`, { schema: z.literal("changed") }),
    typing: (roomId) => core.channel(`typing-${roomId}`, { schema: typingSchema }),
  };
}
