import { type HistoryPlace, messageQueries, type ReadTransaction } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { MessageNotFound, RoomNotFound } from "../../errors/domain-errors.ts";
import type { ChatHistory } from "../../routers/chat/schemas.ts";
import { requireMembership } from "../room/require-membership.ts";
import { toMessageView } from "./message-view.ts";

interface GetHistoryInput {
  readonly userId: string;
  readonly roomId: string;
  /** At most one of these three; numbers are message numbers. */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly around?: { readonly messageId: string } | { readonly number: number } | undefined;
  readonly limit: number;
}

/**
 * A page of a room, and the cursor a live stream may start from without missing or repeating anything: both
 * are read from one snapshot. Needs no Redis.
 *
 * @throws {RoomNotFound} {NotAMember}
 * @throws {MessageNotFound} when the message to show is not in this room, or was removed.
 */
export async function getHistory(deps: Pick<AppDeps, "db">, input: GetHistoryInput): Promise<ChatHistory> {
  return deps.db.read((tx) => {
    requireMembership(tx, input.roomId, input.userId);
    const page = messageQueries.history(tx, { roomId: input.roomId, limit: input.limit, place: placeOf(tx, input) });
    if (page === undefined) {
      throw new RoomNotFound();
    }
    return { ...page, messages: page.messages.map(toMessageView) };
  });
}

function placeOf(tx: ReadTransaction, { roomId, before, after, around }: GetHistoryInput): HistoryPlace | undefined {
  if (before !== undefined) return { before };
  if (after !== undefined) return { after };
  if (around === undefined) return undefined;
  if ("number" in around) return { around: around.number };
  const message = messageQueries.findById(tx, around.messageId);
  if (message === undefined || message.roomId !== roomId || message.deletedAtMs !== null) {
    throw new MessageNotFound();
  }
  return { around: message.number };
}
