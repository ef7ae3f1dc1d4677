import type { RedisCore } from "@cardinal/redis-core";
import type { Channel } from "@cardinal/redis-core/channel";
import { type RoomEvent, roomEventSchema } from "../routers/chat/schemas.ts";

/**
 * The channels that say "something is new". What is new stands in the database; a lost message costs a few
 * seconds of delay, never an event.
 */
export interface Doorbells {
  /** Rings for every event of a room, and carries it, so that most listeners need not read the log. */
  room(roomId: string): Channel<RoomEvent>;
}

export function createDoorbells(core: RedisCore): Doorbells {
  return {
    room: (roomId) => core.channel(`room-${roomId}`, { schema: roomEventSchema }),
  };
}
