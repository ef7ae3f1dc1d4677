import type { AppDeps } from "../../deps/app-deps.ts";
import { viewPresence } from "../../live/presence-topic.ts";
import type { PresenceList } from "../../routers/presence/schemas.ts";
import { requirePresenceRoom } from "./require-presence-room.ts";

const MOST_LISTED = 500;

/**
 * Who is in a room, by arrival, at most 500 of them; `total` counts all.
 *
 * @throws {RoomNotFound} {NotAMember}
 * @throws {RedisUnavailable}
 */
export async function listPresence(
  deps: Pick<AppDeps, "db" | "live">,
  input: { room: string; userId: string },
): Promise<PresenceList> {
  await requirePresenceRoom(deps, input);
  const [{ version, users }, { users: total }] = await Promise.all([
    deps.live.presence.list(input.room, { limit: MOST_LISTED }),
    deps.live.presence.count(input.room),
  ]);
  return { version, users: await viewPresence(deps, users), total };
}
