import type { Database } from "../database/open-database.ts";
import * as roomQueries from "../queries/room.ts";

/**
 * Gives an installation without any room a public one, so that its first member has somewhere to talk.
 * Answers whether it did; calling it again changes nothing.
 */
export function ensureFirstRoom(db: Database, nowMs = Date.now()): Promise<boolean> {
  return db.write((tx) => {
    if (tx.statement<{ found: number }>("SELECT 1 AS found FROM room LIMIT 1").all().length > 0) {
      return false;
    }
    roomQueries.create(tx, { slug: "general", name: "General", topic: "Anything. Say hello.", nowMs });
    return true;
  });
}
