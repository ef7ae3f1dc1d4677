import { auditQueries, roomQueries } from "@cardinal/db";
import { ringRoomChange } from "../../live/ring-control.ts";
import type { RoomView } from "../../routers/room/schemas.ts";
import { changeRoom, type OnRoom, type RoomDeps } from "./in-room.ts";
import { requireOwnership } from "./require-moderation.ts";

/**
 * Lets a room be read and no longer written, out of the usual list; or puts it in use again. For its owner. Says what
 * shall be, so repeating it changes nothing. Open pages of the room show it at once.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom}
 */
export async function archiveRoom(
  deps: RoomDeps,
  { actorId, roomId, on }: OnRoom & { readonly on: boolean },
): Promise<RoomView> {
  const changed = await changeRoom(deps, { actorId, roomId }, (tx, nowMs) => {
    const room = requireOwnership(tx, roomId, actorId);
    if ((room.archivedAtMs !== null) === on) {
      return;
    }
    roomQueries.update(tx, roomId, { archivedAtMs: on ? nowMs : null, nowMs });
    const action = on ? "room.archive" : "room.unarchive";
    auditQueries.insert(tx, { actorId, action, subjectKind: "room", subjectId: roomId, roomId, nowMs });
  });
  ringRoomChange(deps, roomId);
  return changed;
}
