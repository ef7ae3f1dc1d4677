import { roomQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { RoomMembers } from "../../routers/room/schemas.ts";
import { requireMembership } from "./require-membership.ts";

interface ListRoomMembersInput {
  readonly userId: string;
  readonly roomId: string;
  /** A username. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A page of who is in a room, by username. @throws {RoomNotFound} {NotAMember} */
export async function listRoomMembers(
  deps: Pick<AppDeps, "db">,
  { userId, roomId, after, limit }: ListRoomMembersInput,
): Promise<RoomMembers> {
  const found = await deps.db.read((tx) => {
    requireMembership(tx, roomId, userId);
    const page = { limit: limit + 1, ...(after !== undefined && { afterUsername: after }) };
    return roomQueries.listMembers(tx, roomId, page);
  });
  return { members: found.slice(0, limit), hasMore: found.length > limit };
}
