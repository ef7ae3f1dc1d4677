import { userQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { requireVoice } from "../room/require-voice.ts";

interface SetTypingInput {
  readonly userId: string;
  readonly roomId: string;
  readonly isTyping: boolean;
}

/**
 * Tells a room that a member is writing, or has stopped. Nothing is stored: the others forget it after 6 s, so it
 * is to be said again every few seconds. Without Redis nobody hears of it.
 *
 * @throws {RoomNotFound} {NotAMember} {RoomArchived} {Muted}
 */
export async function setTyping(
  deps: Pick<AppDeps, "db" | "now" | "doorbells" | "log">,
  { userId, roomId, isTyping }: SetTypingInput,
): Promise<void> {
  const displayName = await deps.db.read((tx) => {
    requireVoice(tx, roomId, userId, deps.now());
    return userQueries.findById(tx, userId)?.displayName ?? "";
  });
  deps.doorbells
    .typing(roomId)
    .publish({ userId, displayName, isTyping })
    .catch((error: unknown) => deps.log.debug({ err: error }, "nobody heard that a member is typing"));
}
