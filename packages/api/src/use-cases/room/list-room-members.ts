import { roomQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { RoomMembers } from "../../routers/room/schemas.ts";
import { requireMembership } from "./require-membership.ts";
import { looksAfter } from "./require-moderation.ts";
import { standingAt } from "./room-view.ts";

interface ListRoomMembersInput {
  readonly userId: string;
  readonly roomId: string;
  /** A username. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A page of who is in a room, by username. @throws {RoomNotFound} {NotAMember} */
export async function listRoomMembers(
  deps: Pick<AppDeps, "db" | "now">,
  { userId, roomId, after, limit }: ListRoomMembersInput,
): Promise<RoomMembers> {
  const nowMs = deps.now();
  return deps.db.read((tx) => {
    const seesMutes = looksAfter(tx, requireMembership(tx, roomId, userId), userId);
    const page = { limit: limit + 1, ...(after !== undefined && { afterUsername: after }) };
    const found = roomQueries.listMembers(tx, roomId, page);
    const members = found
      .slice(0, limit)
      .map((member) => ({ ...member, mute: seesMutes ? standingAt(member.mute, nowMs) : null }));
    return { members, hasMore: found.length > limit };
  });
}
