import type { ReadTransaction, WriteTransaction } from "../database/transaction.ts";
import { rangesOfTerms, type TextRange } from "../search/term-ranges.ts";
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
const MOST_READ = 40_000;
/** Of the best, so many are kept in order. */
const MOST_RANKED = 100;
/** Messages are stored in the order of their time, but for clocks that differ. */
const CLOCK_SLACK_MS = 10 * 60_000;

/** Cheap conditions first. The plus signs keep SQLite from walking whole rooms or authors instead of the part that is meant. */
const KEPT = `
  m.deleted_at IS NULL AND instr(m.body, :piece) > 0 AND +m.room_id IN (SELECT value FROM json_each(:roomIds))
  AND (:authorId IS NULL OR +m.author_id = :authorId)
  AND (:fromMs IS NULL OR m.created_at >= :fromMs) AND (:toMs IS NULL OR m.created_at <= :toMs)
  AND (:literals IS NULL
       OR NOT EXISTS (SELECT 1 FROM json_each(:literals) l WHERE m.body NOT LIKE l.value ESCAPE '\\'))`;

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
  const searchIds: number[] = [];
  let end = start;
  let looked = 0;
  // Few at first: mostly all of them fit.
  for (let most = limit; searchIds.length < limit && looked < MOST_CANDIDATES; most = Math.min(2 * most, MOST_CANDIDATES - looked)) {
    const candidates = tx
      .statement<{ searchId: number }>(
        `SELECT rowid AS searchId FROM message_search
          WHERE message_search MATCH :query AND rowid < :end AND rowid >= :from ORDER BY rowid DESC LIMIT :most`,
      )
      .all({ query: within(query, search.roomIds, search.authorId), end, from, most })
      .map(({ searchId }) => searchId);
    searchIds.push(...keep(tx, search, candidates, limit - searchIds.length));
    looked += candidates.length;
    if (candidates.length < most && searchIds.length < limit) return { searchIds, next: null };
    end = candidates.at(-1) ?? end;
  }
  return { searchIds, next: searchIds.length === limit ? (searchIds.at(-1) ?? null) : end };
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

/** The messages of search ids, in their order, with what is to be marked in them; those no longer there are left out. */
export function listHits(tx: ReadTransaction, search: MessageSearch, searchIds: readonly number[]): MessageHit[] {
  const statement = tx.statement<MessageColumns>(
    `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN user u ON u.id = m.author_id WHERE m.search_id = ?`,
  );
  return keep(tx, search, searchIds, searchIds.length).flatMap((searchId) => {
    const row = statement.get(searchId);
    return row === undefined ? [] : [{ message: toMessage(row), ranges: rangesOfTerms(row.body, search.terms) }];
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

/** The first of the search ids, in their order, that the search wants; looks at no more of them than it must. */
function keep(tx: ReadTransaction, search: MessageSearch, searchIds: readonly number[], limit: number): number[] {
  const statement = tx.statement<{ searchId: number }>(
    `SELECT m.search_id AS searchId FROM json_each(:searchIds) AS found CROSS JOIN message m ON m.search_id = found.value
      WHERE ${KEPT} ORDER BY found.key`,
  );
  const kept: number[] = [];
  for (let at = 0; at < searchIds.length && kept.length < limit; at += limit) {
    const part = JSON.stringify(searchIds.slice(at, at + limit));
    kept.push(...statement.all({ ...parameters(search), searchIds: part }).map(({ searchId }) => searchId));
  }
  return kept.slice(0, limit);
}

function parameters({ terms: { literals }, roomIds, authorId, fromMs, toMs }: MessageSearch) {
  // What of the literals has no letter with a case, and so stands in the text as it was typed.
  const pieces = literals.flatMap((literal) => literal.split(/[A-Za-z]+/));
  return {
    roomIds: JSON.stringify(roomIds),
    authorId,
    fromMs,
    toMs,
    piece: pieces.toSorted((a, b) => b.length - a.length)[0] ?? "",
    literals: literals.length === 0 ? null : JSON.stringify(literals.map((text) => `%${escapeLike(text)}%`)),
  };
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
