import { readStateQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { RoomNotFound } from "../../errors/domain-errors.ts";
import { ringInbox } from "../inbox/tell-member.ts";
import { requireMembership } from "../room/require-membership.ts";

interface MarkReadInput {
  readonly userId: string;
  readonly roomId: string;
  readonly number: number;
}

/**
 * Notes how far the caller has read. It only moves forward, and not past the last message; answers where it
 * stands.
 *
 * @throws {RoomNotFound} {NotAMember}
 */
export async function markRead(deps: Pick<AppDeps, "db" | "now" | "doorbells" | "log">, input: MarkReadInput): Promise<number> {
  const stands = await deps.db.write((tx) => {
    requireMembership(tx, input.roomId, input.userId);
    return readStateQueries.markRead(tx, { ...input, nowMs: deps.now() });
  });
  if (stands === undefined) {
    throw new RoomNotFound();
  }
  // The member's other pages and devices show it as read too.
  ringInbox(deps, [input.userId], "rooms");
  return stands;
}
