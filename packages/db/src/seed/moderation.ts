import type { WriteTransaction } from "../database/transaction.ts";
import * as messageQueries from "../queries/message.ts";
import * as reportQueries from "../queries/report.ts";
import type { SeededMember } from "./members.ts";
import type { SeededRoom } from "./rooms.ts";
import { createNextId, MS, SEED_NOW_MS } from "./seed-time.ts";

/** After all that is said, so that the log's times only rise. */
const PINNED_AT_MS = SEED_NOW_MS - 10 * MS.minute;

/** A pinned message in the first room, and a report that waits for a moderator. */
export function seedModeration(
  tx: WriteTransaction,
  members: readonly SeededMember[],
  rooms: readonly SeededRoom[],
): void {
  const [admin] = members;
  const [first] = rooms;
  const reporter = members.find(({ username }) => username === "farah");
  if (admin === undefined || first === undefined || reporter === undefined) return;
  const page = messageQueries.history(tx, { roomId: first.id, limit: 100 });
  const standing = page?.messages.filter(({ deletedAtMs }) => deletedAtMs === null) ?? [];
  const pinned = standing.at(-40);
  if (pinned !== undefined) {
    messageQueries.pin(tx, { messageId: pinned.id, actorId: admin.id, on: true, nowMs: PINNED_AT_MS });
  }
  const reported = standing.findLast(({ author }) => author.id !== reporter.id && author.id !== admin.id);
  if (reported === undefined) return;
  reportQueries.insert(tx, {
    id: createNextId(9)(PINNED_AT_MS),
    messageId: reported.id,
    roomId: first.id,
    reporterId: reporter.id,
    reason: "other",
    note: "This looks like it belongs in another room.",
    excerpt: reported.body,
    nowMs: PINNED_AT_MS,
  });
}
