import { messageQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { RoomNotFound } from "../../errors/domain-errors.ts";
import type { ChatHistory } from "../../routers/chat/schemas.ts";
import { requireMembership } from "../room/require-membership.ts";
import { toMessageView } from "./message-view.ts";

interface GetHistoryInput {
  readonly userId: string;
  readonly roomId: string;
  /** A message number. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/**
 * A page of a room, and the cursor a live stream may start from without missing or repeating anything: both
 * are read from one snapshot. Needs no Redis.
 *
 * @throws {RoomNotFound} {NotAMember}
 */
export async function getHistory(deps: Pick<AppDeps, "db">, input: GetHistoryInput): Promise<ChatHistory> {
  return deps.db.read((tx) => {
    requireMembership(tx, input.roomId, input.userId);
    const page = messageQueries.history(tx, input);
    if (page === undefined) {
      throw new RoomNotFound();
    }
    return { ...page, messages: page.messages.map(toMessageView) };
  });
}
