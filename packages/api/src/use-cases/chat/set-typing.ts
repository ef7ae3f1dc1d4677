import { userQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { requireMembership } from "../room/require-membership.ts";

interface SetTypingInput {
  readonly userId: string;
  readonly roomId: string;
  readonly isTyping: boolean;
}

/**
 * Tells a room that a member is writing, or has stopped. Nothing is stored: the others forget it after 6 s, so it
 * is to be said again every few seconds. Without Redis nobody hears of it.
 *
 * @throws {RoomNotFound} {NotAMember}
 */
export async function setTyping(
  deps: Pick<AppDeps, "db" | "doorbells" | "log">,
  { userId, roomId, isTyping }: SetTypingInput,
): Promise<void> {
  const displayName = await deps.db.read((tx) => {
    requireMembership(tx, roomId, userId);
    return userQueries.findById(tx, userId)?.displayName ?? "";
  });
  deps.doorbells
    .typing(roomId)
    .publish({ userId, displayName, isTyping })
    .catch((error: unknown) => deps.log.debug({ err: error }, "nobody heard that a member is typing"));
}
