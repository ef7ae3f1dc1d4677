import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { MARK_END, MARK_START, mergeRanges, rangesOfLiterals, rangesOfMarks, type TextRange } from "../search/marked-text.ts";
import { type SearchTerms, toIndexQuery, within } from "../search/search-terms.ts";
import { escapeLike } from "../text.ts";
import { MESSAGE_COLUMNS, toMessage, type MessageColumns, type MessageWithAuthor } from "./message-row.ts";

export interface MessageSearch {
  terms: SearchTerms;
  /** Only in these. */
  roomIds: readonly string[];
  authorId: string | null;
  fromMs: number | null;
  toMs: number | null;
}

export interface MessageHit {
  message: MessageWithAuthor;
  /** Where the terms stand in the body, ascending. */
  ranges: TextRange[];
}

/** What may be looked at for one answer, so that none holds the event loop: hits that filters then drop, … */
const MOST_CANDIDATES = 1_000;
/** … and messages read where there is no word to look up. */
const MOST_READ = 20_000;
/** Of the best, so many are kept in order. */
const MOST_RANKED = 100;
/** Messages are stored in the order of their time, but for clocks that differ. */
const CLOCK_SLACK_MS = 10 * 60_000;

const KEPT = `
  m.deleted_at IS NULL AND m.room_id IN (SELECT value FROM json_each(:roomIds))
  AND (:authorId IS NULL OR m.author_id = :authorId)
  AND (:fromMs IS NULL OR m.created_at >= :fromMs) AND (:toMs IS NULL OR m.created_at <= :toMs)
  AND m.body LIKE :literal ESCAPE '\\'
  AND NOT EXISTS (SELECT 1 FROM json_each(:literals) l WHERE m.body NOT LIKE l.value ESCAPE '\\')`;

/**
 * A page of hits as search ids, the newest first, before one if given. `next` is where to go on; a page may be short, or
 * empty, and still have a next one, since each looks at a bounded part only.
 */
export function findNewest(
  tx: ReadTransaction,
  search: MessageSearch,
  { before, limit }: { before: number | null; limit: number },
): { searchIds: number[]; next: number | null } {
  const from = search.fromMs === null ? 1 : firstAfter(tx, search.fromMs - CLOCK_SLACK_MS);
  const start = before ?? (search.toMs === null ? lastSearchId(tx) + 1 : firstAfter(tx, search.toMs + CLOCK_SLACK_MS));
  const query = toIndexQuery(search.terms);
  if (query === null) {
    const end = Math.max(from, start - MOST_READ);
    const searchIds = tx
      .statement<{ searchId: number }>(
        `SELECT m.search_id AS searchId FROM message m
          WHERE m.search_id >= :end AND m.search_id < :start AND ${KEPT} ORDER BY m.search_id DESC LIMIT :limit`,
      )
      .all({ ...parameters(search), start, end, limit })
      .map(({ searchId }) => searchId);
    const isFull = searchIds.length === limit;
    return { searchIds, next: isFull ? (searchIds.at(-1) ?? null) : end > from ? end : null };
  }
  const candidates = tx
    .statement<{ searchId: number }>(
      `SELECT rowid AS searchId FROM message_search
        WHERE message_search MATCH :query AND rowid < :start AND rowid >= :from ORDER BY rowid DESC LIMIT :most`,
    )
    .all({ query: within(query, search.roomIds, search.authorId), start, from, most: MOST_CANDIDATES })
    .map(({ searchId }) => searchId);
  const searchIds = keep(tx, search, candidates, limit);
  const last = searchIds.length === limit ? searchIds.at(-1) : candidates.length === MOST_CANDIDATES ? candidates.at(-1) : null;
  return { searchIds, next: last ?? null };
}

/**
 * The search ids of the best hits, best first: by bm25, among the newest thousand. Where there are no words to weigh,
 * the newest.
 */
export function findBest(tx: ReadTransaction, search: MessageSearch): number[] {
  const query = toIndexQuery(search.terms);
  if (query === null) return findNewest(tx, search, { before: null, limit: MOST_RANKED }).searchIds;
  const candidates = tx
    .statement<{ searchId: number }>(
      `SELECT searchId FROM (
         SELECT rowid AS searchId, bm25(message_search, 1, 0, 0) AS score FROM message_search
          WHERE message_search MATCH :query ORDER BY rowid DESC LIMIT :most)
        ORDER BY score, searchId DESC`,
    )
    .all({ query: within(query, search.roomIds, search.authorId), most: MOST_CANDIDATES })
    .map(({ searchId }) => searchId);
  return keep(tx, search, candidates, MOST_RANKED);
}

/** The messages of search ids, in their order, with what is to be marked in them; those that do not fit are left out. */
export function listHits(tx: ReadTransaction, search: MessageSearch, searchIds: readonly number[]): MessageHit[] {
  const query = toIndexQuery(search.terms);
  const { literals } = search.terms;
  return keep(tx, search, searchIds, searchIds.length).flatMap((searchId) => {
    const row = tx
      .statement<MessageColumns>(
        `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN user u ON u.id = m.author_id WHERE m.search_id = ?`,
      )
      .get(searchId);
    const marked = query === null ? row?.body : markedBody(tx, query, searchId);
    if (row === undefined || marked === undefined) return [];
    const ranges = [...rangesOfMarks(row.body, marked), ...rangesOfLiterals(row.body, literals)];
    return [{ message: toMessage(row), ranges: mergeRanges(ranges) }];
  });
}

/** Builds the index anew from the messages. Needed only where the file was changed by other hands. */
export function rebuildIndex(tx: WriteTransaction): void {
  tx.statement("INSERT INTO message_search (message_search) VALUES ('rebuild')").run();
}

/** Whether the index is what the messages say: compares every word of it. Reads all messages. */
export function isIndexSound(tx: WriteTransaction): boolean {
  try {
    tx.statement("INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1)").run();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "SQLITE_CORRUPT_VTAB") return false;
    throw error;
  }
}

function markedBody(tx: ReadTransaction, query: string, searchId: number): string | undefined {
  return tx
    .statement<{ marked: string }>(
      `SELECT highlight(message_search, 0, :start, :end) AS marked FROM message_search
        WHERE message_search MATCH :query AND rowid = :searchId`,
    )
    .get({ query, searchId, start: MARK_START, end: MARK_END })?.marked;
}

function keep(tx: ReadTransaction, search: MessageSearch, searchIds: readonly number[], limit: number): number[] {
  return tx
    .statement<{ searchId: number }>(
      `SELECT m.search_id AS searchId FROM json_each(:searchIds) AS found CROSS JOIN message m ON m.search_id = found.value
        WHERE ${KEPT} ORDER BY found.key LIMIT :limit`,
    )
    .all({ ...parameters(search), searchIds: JSON.stringify(searchIds), limit })
    .map(({ searchId }) => searchId);
}

function parameters({ terms, roomIds, authorId, fromMs, toMs }: MessageSearch) {
  const [literal = "%", ...literals] = terms.literals
    .toSorted((a, b) => b.length - a.length)
    .map((text) => `%${escapeLike(text)}%`);
  return { roomIds: JSON.stringify(roomIds), authorId, fromMs, toMs, literal, literals: JSON.stringify(literals) };
}

function lastSearchId(tx: ReadTransaction): number {
  return tx.statement<{ last: number | null }>("SELECT max(search_id) AS last FROM message").get()?.last ?? 0;
}

/** The first search id whose message, and all after it, were stored past an instant; found by halving. */
function firstAfter(tx: ReadTransaction, atMs: number): number {
  const statement = tx.statement<{ searchId: number; createdAtMs: number }>(
    `SELECT search_id AS searchId, created_at AS createdAtMs FROM message
      WHERE search_id >= ? ORDER BY search_id LIMIT 1`,
  );
  let low = 1;
  let high = lastSearchId(tx) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = statement.get(middle);
    if (row === undefined || row.createdAtMs > atMs) high = middle;
    else low = row.searchId + 1;
  }
  return low;
}
