import { type ReadTransaction, roomQueries } from "@cardinal/db";
import { NotAnAdmin, Outranked } from "../../errors/moderation-errors.ts";
import { isAdmin } from "../room/require-moderation.ts";

/** In a room the owner stands above admins, they above its moderators, and these above everybody else. */
function rankOf(tx: ReadTransaction, roomId: string, userId: string): number {
  const role = roomQueries.findRole(tx, roomId, userId);
  if (role === "owner") {
    return 3;
  }
  if (isAdmin(tx, userId)) {
    return 2;
  }
  return role === "moderator" ? 1 : 0;
}

/** @throws {Outranked} unless the actor stands above the member in this room. */
export function requireRank(tx: ReadTransaction, who: { roomId: string; actorId: string; userId: string }): void {
  if (rankOf(tx, who.roomId, who.actorId) <= rankOf(tx, who.roomId, who.userId)) {
    throw new Outranked();
  }
}

/** @throws {NotAnAdmin} */
export function requireAdmin(tx: ReadTransaction, userId: string): void {
  if (!isAdmin(tx, userId)) {
    throw new NotAnAdmin();
  }
}
