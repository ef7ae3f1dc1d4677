import { notificationQueries, reportQueries, roomQueries } from "@cardinal/db";
import type { Presence } from "@cardinal/redis-core/presence";
import type { Duration } from "@cardinal/redis-core";
import type { AppDeps } from "../deps/app-deps.ts";
import { boardRuleOf } from "./board-rule.ts";
import { BoardTopic } from "./board-topic.ts";
import { CounterTopic } from "./counter-topic.ts";
import { FeedCharges } from "./feed-charges.ts";
import { InboxTopic } from "./inbox-topic.ts";
import { MemberWatch } from "./member-watch.ts";
import { PeriodicCheck } from "./periodic-check.ts";
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
  /** `feed`: a topic of a feed, which has a connection of its own. */
  readonly transport: "http" | "websocket" | "feed";
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
  readonly inboxes: TopicRegistry<InboxTopic>;
  readonly counters: TopicRegistry<CounterTopic>;
  readonly sessions: SessionWatch;
  readonly members: MemberWatch;
  readonly feedCharges: FeedCharges;
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

type LiveDeps = Pick<
  AppDeps,
  "db" | "core" | "counters" | "sessions" | "doorbells" | "boards" | "log" | "now" | "telemetry"
>;

const CHECK_EVERY_MS = 5_000;
/** A page opens a handful over its one connection. */
const MOST_PER_SOCKET = 32;
/** A browser has six connections at most; behind one address there may be many. */
const MOST_SSE_PER_OWNER = 64;
/** Four feeds, full: a browser has one, and two for a moment. */
const MOST_FEED_TOPICS_PER_OWNER = 512;
/** A lost word of an inbox costs no more than this. */
const INBOX_CHECK_EVERY_MS = 15_000;
/** While a room has no doorbell. */
const POLL_EVERY_MS = 1_000;

export function createLive(deps: LiveDeps, options: LiveOptions = {}): Live {
  const { checkEveryMs = CHECK_EVERY_MS, lingerMs = 15_000 } = options;
  const streams = new Set<OpenStream>();
  const perSocket = new StreamCounts<object>("streams-per-connection", MOST_PER_SOCKET);
  const perOwner = new StreamCounts<string>("sse-streams", MOST_SSE_PER_OWNER);
  const feedTopics = new StreamCounts<string>("feed-topics", MOST_FEED_TOPICS_PER_OWNER);
  const feedCharges = new FeedCharges(deps.now);
  const sessions = new SessionWatch(deps);
  const memberWatch = new MemberWatch(deps, checkEveryMs);
  const presence = deps.core.presence(options.presence);
  const presencePages = new PresencePages(deps.doorbells.pages(), deps.log);

  const rooms = new TopicRegistry<RoomTopic>((roomId) => {
    roomCheck.begin();
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

  const inboxes = new TopicRegistry<InboxTopic>(async (userId) => {
    inboxCheck.begin();
    return new InboxTopic(deps, memberWatch, userId);
  }, lingerMs);

  const counters = new TopicRegistry<CounterTopic>(
    async (name) => new CounterTopic(deps, deps.counters.named(name)),
    lingerMs,
  );

  const registries = [rooms, presenceRooms, boards, inboxes, counters];

  let hasDoorbells = true;
  const roomCheck = new PeriodicCheck({
    what: "rooms",
    everyMs: () => (hasDoorbells ? checkEveryMs : Math.min(POLL_EVERY_MS, checkEveryMs)),
    check: checkRooms,
    isNeeded: () => rooms.size > 0,
    log: deps.log,
  });
  const inboxCheck = new PeriodicCheck({
    what: "inboxes",
    everyMs: () => INBOX_CHECK_EVERY_MS,
    check: checkInboxes,
    isNeeded: () => inboxes.size > 0,
    log: deps.log,
  });

  /** One query for the heads of all followed rooms. */
  async function checkRooms(): Promise<void> {
    const open = await rooms.all();
    hasDoorbells = open.every(({ isAcknowledged }) => isAcknowledged);
    const found = await deps.db.read((tx) => roomQueries.listHeads(tx, open.map(({ roomId }) => roomId)));
    const heads = new Map(found.map((head) => [head.roomId, head]));
    for (const topic of open) {
      topic.check(heads.get(topic.roomId));
    }
  }

  function count({ transport, connection, owner }: OpenStream): () => void {
    switch (transport) {
      case "websocket":
        return perSocket.add(connection, deps.now());
      case "feed":
        return feedTopics.add(owner, deps.now());
      case "http":
        return perOwner.add(owner, deps.now());
    }
  }

  /** One query for all inboxes that are followed. */
  async function checkInboxes(): Promise<void> {
    const open = await inboxes.all();
    const found = await deps.db.read((tx) => ({
      lines: notificationQueries.listMarks(tx, open.map(({ userId }) => userId)),
      reports: reportQueries.mark(tx),
    }));
    for (const topic of open) {
      topic.check(found.lines.get(topic.userId), found.reports);
    }
  }

  return {
    rooms,
    inboxes,
    counters,
    presence,
    presencePages,
    presenceRooms,
    boards,
    sessions,
    members: memberWatch,
    feedCharges,

    enter(stream) {
      const leave = count(stream);
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
      topics: registries.reduce((sum, { size }) => sum + size, 0),
      holds: registries.reduce((sum, { holders }) => sum + holders, 0),
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
      roomCheck.close();
      inboxCheck.close();
      sessions.close();
      await memberWatch.close();
      for (const { cut } of streams) {
        cut(new DOMException("the server stops", "AbortError"));
      }
      await Promise.all(registries.map((registry) => registry.close()));
      await presencePages.close();
      await presence.close();
    },
  };
}
