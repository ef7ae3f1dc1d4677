import { type ReadTransaction, roomQueries, userQueries } from "@cardinal/db";

const MOST_NAMES = 20;

/** The usernames a text names with `@`, as a word of their own, each once. */
export function namesIn(text: string): string[] {
  const names = text.matchAll(/(?<![\p{L}\p{N}_@./-])@([a-z][a-z0-9_-]{1,29})(?![\p{L}\p{N}_])/giu);
  return [...new Set([...names].map(([, name = ""]) => name.toLowerCase()))].slice(0, MOST_NAMES);
}

/** The members of a room a text names, but for its author. */
export function findMentioned(tx: ReadTransaction, roomId: string, authorId: string, text: string): string[] {
  const ids = namesIn(text).flatMap((name) => userQueries.findByUsername(tx, name)?.id ?? []);
  return roomQueries.listMembersAmong(tx, roomId, ids.filter((id) => id !== authorId));
}
