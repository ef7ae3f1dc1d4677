import {
  type MessageHit,
  type MessageSearch,
  messageSearchQueries,
  type ReadTransaction,
  readSearchTerms,
  roomQueries,
} from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { ChatSearch, SearchHit } from "../../routers/chat/schemas.ts";
import { requireMembership, requireRoom } from "../room/require-membership.ts";
import { nameOf } from "../room/room-view.ts";
import { formatSearchCursor, parseSearchCursor, type SearchCursor } from "./search-cursor.ts";
import { toSnippet } from "./to-snippet.ts";

interface SearchMessagesInput {
  readonly userId: string;
  readonly query: string;
  readonly roomId?: string | undefined;
  readonly authorId?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly sort: "newest" | "best";
  readonly cursor?: string | null | undefined;
  readonly limit: number;
}

/**
 * Messages that contain what was typed, in the rooms the caller is in when he asks; a removed one is never found. Pages
 * are stable: what is sent meanwhile moves nothing, what is removed is left out. Looks at a bounded part of the index for
 * each page. Needs no Redis.
 *
 * @throws {RoomNotFound} {NotAMember} {MalformedCursor}
 */
export async function searchMessages(deps: Pick<AppDeps, "db">, input: SearchMessagesInput): Promise<ChatSearch> {
  const terms = readSearchTerms(input.query);
  const cursor = input.cursor == null ? null : parseSearchCursor(input.cursor, input.sort);
  return deps.db.read((tx) => {
    const roomIds =
      input.roomId === undefined
        ? roomQueries.listIdsOfMember(tx, input.userId)
        : [requireMembership(tx, input.roomId, input.userId).id];
    if (roomIds.length === 0 || (terms.phrases.length === 0 && terms.literals.length === 0)) {
      return { hits: [], nextCursor: null };
    }
    const search: MessageSearch = {
      terms,
      roomIds,
      authorId: input.authorId ?? null,
      fromMs: input.fromMs ?? null,
      toMs: input.toMs ?? null,
    };
    const { searchIds, next } = findPage(tx, search, input, cursor);
    return {
      hits: toHits(tx, messageSearchQueries.listHits(tx, search, searchIds), input.userId),
      nextCursor: next === null ? null : formatSearchCursor(next),
    };
  });
}

function findPage(
  tx: ReadTransaction,
  search: MessageSearch,
  { sort, limit }: SearchMessagesInput,
  cursor: SearchCursor | null,
): { searchIds: readonly number[]; next: SearchCursor | null } {
  if (sort === "newest") {
    const before = cursor?.sort === "newest" ? cursor.before : null;
    const { searchIds, next } = messageSearchQueries.findNewest(tx, search, { before, limit });
    return { searchIds, next: next === null ? null : { sort, before: next } };
  }
  const ranked = cursor?.sort === "best" ? cursor.rest : messageSearchQueries.findBest(tx, search);
  const rest = ranked.slice(limit);
  return { searchIds: ranked.slice(0, limit), next: rest.length === 0 ? null : { sort, rest } };
}

function toHits(tx: ReadTransaction, hits: readonly MessageHit[], userId: string): SearchHit[] {
  const rooms = new Map<string, SearchHit["room"]>();
  const roomOf = (id: string): SearchHit["room"] => {
    const known = rooms.get(id);
    if (known !== undefined) return known;
    const room = requireRoom(tx, { id }, userId);
    const { slug } = room;
    const name = nameOf(room);
    rooms.set(id, { id, slug, name });
    return { id, slug, name };
  };
  return hits.map(({ message, ranges }) => ({
    room: roomOf(message.roomId),
    message: {
      id: message.id,
      number: message.number,
      author: message.author,
      createdAtMs: message.createdAtMs,
    },
    snippet: toSnippet(message.body, ranges),
  }));
}
