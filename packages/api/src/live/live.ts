import { roomQueries } from "@cardinal/db";
import type { Presence } from "@cardinal/redis-core/presence";
import type { Duration } from "@cardinal/redis-core";
import type { AppDeps } from "../deps/app-deps.ts";
import { boardRuleOf } from "./board-rule.ts";
import { BoardTopic } from "./board-topic.ts";
import { MemberWatch } from "./member-watch.ts";
import { PresencePages } from "./presence-pages.ts";
import { PresenceTopic } from "./presence-topic.ts";
import { RoomTopic } from "./room-topic.ts";
import { SessionWatch } from "./session-watch.ts";
import { StreamCounts } from "./stream-counts.ts";
import { TopicRegistry } from "./topic-registry.ts";

export interface LiveOptions {
  /** How often the heads of all followed rooms are compared with the log. Default 5 s. */
  readonly checkEveryMs?: number;
  /** How long a topic stays open after its last stream. Default 15 s. */
  readonly lingerMs?: number;
  readonly presence?: { readonly leaseTtl?: Duration; readonly grace?: Duration };
}

interface OpenStream {
  readonly transport: "http" | "websocket";
  /** What identifies the connection; over HTTP each stream has its own. */
  readonly connection: object;
  /** The member, or the address of who is none. */
  readonly owner: string;
  readonly cut: (why: Error) => void;
}

/** What lives now, for figures and tests. */
export interface LiveCounts {
  /** Open streams over either transport. */
  readonly streams: number;
  /** Those over SSE, each with a response of its own. */
  readonly sseStreams: number;
  readonly watchedSessions: number;
  readonly watchedMembers: number;
  /** Topics open, those that linger included. */
  readonly topics: number;
  /** Holds of topics by streams. */
  readonly holds: number;
}

/** Everything the streams of a process share. Opens nothing until the first stream. */
export interface Live {
  readonly rooms: TopicRegistry<RoomTopic>;
  readonly presence: Presence;
  readonly presencePages: PresencePages;
  readonly presenceRooms: TopicRegistry<PresenceTopic>;
  readonly boards: TopicRegistry<BoardTopic>;
  readonly sessions: SessionWatch;
  readonly members: MemberWatch;
  /** Counts a stream in; the result counts it out. @throws {RateLimited} past the most of a connection or owner. */
  enter(stream: OpenStream): () => void;
  counts(): LiveCounts;
  /**
   * Ends all SSE streams, spread over `spreadMs`, so that their clients come back to another process with their
   * cursors. WebSockets are handed over by the server instead.
   */
  drain(spreadMs: number): Promise<void>;
  close(): Promise<void>;
}

type LiveDeps = Pick<AppDeps, "db" | "core" | "sessions" | "doorbells" | "boards" | "log" | "now" | "telemetry">;

const CHECK_EVERY_MS = 5_000;
/** A page opens a handful over its one connection. */
const MOST_PER_SOCKET = 32;
/** A browser has six connections at most; behind one address there may be many. */
const MOST_SSE_PER_OWNER = 64;
/** While a room has no doorbell. */
const POLL_EVERY_MS = 1_000;

export function createLive(deps: LiveDeps, options: LiveOptions = {}): Live {
  const { checkEveryMs = CHECK_EVERY_MS, lingerMs = 15_000 } = options;
  const streams = new Set<OpenStream>();
  const perSocket = new StreamCounts<object>("streams-per-connection", MOST_PER_SOCKET);
  const perOwner = new StreamCounts<string>("sse-streams", MOST_SSE_PER_OWNER);
  const sessions = new SessionWatch(deps);
  const memberWatch = new MemberWatch(deps, checkEveryMs);
  const presence = deps.core.presence(options.presence);
  const presencePages = new PresencePages(deps.doorbells.pages(), deps.log);
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const rooms = new TopicRegistry<RoomTopic>((roomId) => {
    scheduleCheck();
    return RoomTopic.open(deps, roomId);
  }, lingerMs);
  const presenceRooms = new TopicRegistry<PresenceTopic>(
    (room) => PresenceTopic.open(deps, presence, room),
    lingerMs,
  );
  const boards = new TopicRegistry<BoardTopic>(async (name) => {
    const rule = await boardRuleOf(deps, name);
    return await BoardTopic.open(deps.boards.of(rule), deps.log);
  }, lingerMs);

  let hasDoorbells = true;
  function scheduleCheck(): void {
    if (timer !== undefined || isClosed) {
      return;
    }
    const everyMs = hasDoorbells ? checkEveryMs : Math.min(POLL_EVERY_MS, checkEveryMs);
    timer = setTimeout(() => {
      checkRooms()
        .catch((error: unknown) => deps.log.warn({ err: error }, "live: rooms could not be checked"))
        .finally(() => {
          timer = undefined;
          if (rooms.size > 0) {
            scheduleCheck();
          }
        });
    }, everyMs * (0.8 + Math.random() * 0.4)); // jitter
    timer.unref();
  }

  /** One query for the heads of all followed rooms, and one a room for who may still follow. */
  async function checkRooms(): Promise<void> {
    const open = await rooms.all();
    hasDoorbells = open.every(({ isAcknowledged }) => isAcknowledged);
    const followers = open.map((topic) => topic.followerIds());
    const found = await deps.db.read((tx) => ({
      heads: roomQueries.listHeads(tx, open.map(({ roomId }) => roomId)),
      members: open.map(({ roomId }, index) => roomQueries.listMembersAmong(tx, roomId, followers[index] ?? [])),
    }));
    const heads = new Map(found.heads.map((head) => [head.roomId, head]));
    for (const [index, topic] of open.entries()) {
      const members = new Set(found.members[index]);
      const strangers = (followers[index] ?? []).filter((userId) => !members.has(userId));
      topic.check(heads.get(topic.roomId), new Set(strangers));
    }
  }

  return {
    rooms,
    presence,
    presencePages,
    presenceRooms,
    boards,
    sessions,
    members: memberWatch,

    enter(stream) {
      const leave =
        stream.transport === "websocket"
          ? perSocket.add(stream.connection, deps.now())
          : perOwner.add(stream.owner, deps.now());
      streams.add(stream);
      return () => {
        streams.delete(stream);
        leave();
      };
    },

    counts: () => ({
      streams: streams.size,
      sseStreams: [...streams].filter(({ transport }) => transport === "http").length,
      watchedSessions: sessions.size,
      watchedMembers: memberWatch.size,
      topics: rooms.size + presenceRooms.size + boards.size,
      holds: rooms.holders + presenceRooms.holders + boards.holders,
    }),

    async drain(spreadMs) {
      const ends = [...streams].filter(({ transport }) => transport === "http");
      await Promise.all(
        ends.map(async ({ cut }) => {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * spreadMs)); // jitter
          cut(new DOMException("the server restarts", "AbortError"));
        }),
      );
    },

    async close() {
      isClosed = true;
      clearTimeout(timer);
      sessions.close();
      await memberWatch.close();
      for (const { cut } of streams) {
        cut(new DOMException("the server stops", "AbortError"));
      }
      await Promise.all([rooms.close(), presenceRooms.close(), boards.close()]);
      await presencePages.close();
      await presence.close();
    },
  };
}
