import { auditQueries, roomQueries } from "@cardinal/db";
import { UserNotFound } from "../../errors/domain-errors.ts";
import { ringMember } from "../../live/ring-control.ts";
import type { RoomView } from "../../routers/room/schemas.ts";
import { changeRoom, type OnRoom, type RoomDeps } from "./in-room.ts";
import { requireModeration, requireOwnership } from "./require-moderation.ts";

/**
 * Makes another member the owner; who was it stays as a moderator. There is one owner at every moment. Repeating it
 * changes nothing.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom}
 * @throws {UserNotFound} for who is not in the room.
 */
export async function passOnRoom(
  deps: RoomDeps,
  { actorId, roomId, userId }: OnRoom & { readonly userId: string },
): Promise<RoomView> {
  const changed = await changeRoom(deps, { actorId, roomId }, (tx, nowMs) => {
    requireModeration(tx, roomId, actorId);
    if (roomQueries.findRole(tx, roomId, userId) === "owner") {
      return;
    }
    requireOwnership(tx, roomId, actorId);
    roomQueries.demoteOwner(tx, roomId);
    if (!roomQueries.setRole(tx, { roomId, userId, role: "owner" })) {
      throw new UserNotFound();
    }
    const subject = { subjectKind: "user", subjectId: userId, roomId };
    auditQueries.insert(tx, { actorId, action: "room.pass-on", ...subject, nowMs });
  });
  ringMember(deps, roomId, userId);
  return changed;
}
