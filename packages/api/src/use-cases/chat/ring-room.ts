import type { AppDeps } from "../../deps/app-deps.ts";
import type { RoomEvent } from "../../routers/chat/schemas.ts";

/**
 * Tells every process that a committed event is in a room's log. Nobody waits for it: a failure is logged,
 * and the periodic check of heads delivers the event.
 */
export function ringRoom(deps: Pick<AppDeps, "doorbells" | "log">, event: RoomEvent): void {
  deps.doorbells
    .room(event.message.roomId)
    .publish(event)
    .catch((error: unknown) => {
      deps.log.warn({ err: error, seq: event.seq }, "the room's doorbell could not be rung");
    });
}
