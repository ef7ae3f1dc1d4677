import { messageQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { Message } from "../../routers/chat/schemas.ts";
import { requireMembership } from "../room/require-membership.ts";
import { toMessageView } from "./message-view.ts";

/** The pinned messages of a room, the newest pin first. @throws {RoomNotFound} {NotAMember} */
export async function listPins(
  deps: Pick<AppDeps, "db">,
  { userId, roomId }: { readonly userId: string; readonly roomId: string },
): Promise<Message[]> {
  return deps.db.read((tx) => {
    requireMembership(tx, roomId, userId);
    return messageQueries.listPinned(tx, roomId).map(toMessageView);
  });
}
