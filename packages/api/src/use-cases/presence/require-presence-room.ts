import type { AppDeps } from "../../deps/app-deps.ts";
import { requireMembership } from "../room/require-membership.ts";

/**
 * `site` is everybody's; any other presence room is a chat room, for its members.
 *
 * @throws {RoomNotFound} {NotAMember}
 */
export async function requirePresenceRoom(
  deps: Pick<AppDeps, "db">,
  { room, userId }: { room: string; userId: string },
): Promise<void> {
  if (room !== "site") {
    await deps.db.read((tx) => requireMembership(tx, room, userId));
  }
}
