import type { CoreContext } from "../context.ts";
import { toMs, toPositiveMs } from "../duration.ts";
import { Misuse, UnsupportedByTransport } from "../errors.ts";
import type { LocalConnection } from "./local-rooms.ts";
import { PresenceProcess } from "./presence-process.ts";
import { encodeMeta, parseConnection, parseRecord } from "./presence-records.ts";
import { createPresenceStore } from "./presence-store.ts";
import type { Presence, PresenceConnection, PresenceOptions, PresencePage } from "./presence-types.ts";
import { SitePresence } from "./site-presence.ts";
import { watchRoom } from "./watch-room.ts";

const mostPerPage = 10_000;

/**
 * See `Presence`. Design: Phoenix Presence's per-connection entries and per-user events, kept in Redis
 * under a lease of the process instead of a heartbeat of every connection. Make one per process.
 *
 * @example
 * const presence = core.presence({ grace: "8s" });
 * const tab = await presence.join("lobby", { userId: "ada", connectionId: crypto.randomUUID() });
 * for await (const event of presence.onChange("lobby", { signal })) console.log(event.type);
 * await tab.leave();
 */
export function createPresence<Meta>(
  context: CoreContext,
  options: PresenceOptions<Meta> = {},
): Presence<Meta> {
  const leaseMs = toPositiveMs(options.leaseTtl ?? "15s", "leaseTtl");
  const graceMs = toMs(options.grace ?? "8s", "grace");
  const heartbeatMs = toPositiveMs(options.heartbeatTtl ?? "60s", "heartbeatTtl");
  const parseMeta = options.parseMeta ?? ((value: unknown) => value as Meta);
  const keys = context.keys.presence;
  const store = createPresenceStore(context);
  const own = new PresenceProcess(context, store, leaseMs, graceMs);
  const site = options.site === undefined ? undefined : new SitePresence(own, options.site);

  const join: Presence<Meta>["join"] = async (room, { userId, connectionId, state = "active", meta }) => {
    assertLasting("join", "heartbeat(room, { userId }) keeps a user present from any process");
    if (userId === "" || connectionId === "") {
      throw new Misuse("a connection needs a user and an id");
    }
    const encoded = meta === undefined ? undefined : encodeMeta(meta);
    const existing = own.find(room, connectionId);
    if (existing && existing.userId !== userId) {
      throw new Misuse(`the connection ${connectionId} belongs to another user`);
    }
    if (existing) {
      existing.state = state;
      existing.meta = encoded ?? existing.meta;
      await own.update(existing);
      return handleOf(existing);
    }
    const connection: LocalConnection = {
      room,
      connectionId,
      userId,
      state,
      meta: encoded,
      isDirty: true,
      isClosed: false,
    };
    try {
      await Promise.all([own.join(connection), site?.enter(connection)]);
    } catch (error) {
      await Promise.all([own.leave(connection), site?.leave(connection)]);
      throw error;
    }
    return handleOf(connection);
  };

  const handleOf = (connection: LocalConnection): PresenceConnection<Meta> => ({
    async update({ state, meta }) {
      if (connection.isClosed) {
        throw new Misuse("the connection has left");
      }
      connection.state = state ?? connection.state;
      connection.meta = meta === undefined ? connection.meta : encodeMeta(meta);
      await Promise.all([own.update(connection), site?.update(connection)]);
    },
    async leave({ atOnce = false } = {}) {
      await Promise.all([own.leave(connection, atOnce), site?.leave(connection)]);
    },
  });

  const list = async (room: string, cursor: string | null, limit: number): Promise<PresencePage<Meta>> => {
    const after = parseCursor(cursor);
    const { version, hasMore, pairs } = await current(room, () => store.list(room, after, limit));
    const users = [];
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      users.push(parseRecord(pairs[index] ?? "", pairs[index + 1] ?? "", parseMeta));
    }
    const last = users.at(-1);
    const nextCursor = hasMore && last ? `${last.sinceMs}~${last.userId}` : null;
    return { version: Number(version), users, nextCursor };
  };

  /** A reading in which no grace is over that nobody has ended: where no timer runs, the reader does it. */
  const current = async <R extends { readonly isDue: boolean }>(
    room: string,
    read: () => Promise<R>,
  ): Promise<R> => {
    await own.attend();
    const reading = await read();
    if (!reading.isDue) {
      return reading;
    }
    await own.endDueGraces(room);
    return await read();
  };

  const assertLasting = (what: string, instead: string) => {
    if (!context.state.capabilities.subscribe) {
      throw new UnsupportedByTransport(
        `presence.${what} needs a process that stays and a socket: ${instead}, or reach the same database over TCP ` +
          "(its rediss:// URL) with ioredisPort or nodeRedisPort",
      );
    }
  };

  const closing = new AbortController();
  const presence: Presence<Meta> = {
    join,

    async heartbeat(room, { userId, meta }) {
      if (userId === "") {
        throw new Misuse("a heartbeat needs a user");
      }
      const encoded = meta === undefined ? undefined : encodeMeta(meta);
      const rooms = options.site === undefined || options.site === room ? [room] : [room, options.site];
      await Promise.all(rooms.map((each) => own.beat(each, userId, encoded, heartbeatMs)));
    },

    list: (room, { cursor = null, limit = 100 } = {}) => list(room, cursor, assertLimit(limit)),

    async connections(room, { cursor = null, limit = 100 } = {}) {
      if (cursor !== null && !/^\d+$/.test(cursor)) {
        throw new Misuse("not a cursor of these connections");
      }
      await own.attend();
      const { nextCursor, pairs } = await store.scanConnections(room, cursor ?? "0", assertLimit(limit));
      const connections = [];
      for (let index = 0; index + 1 < pairs.length; index += 2) {
        connections.push(parseConnection(pairs[index] ?? "", pairs[index + 1] ?? "", parseMeta));
      }
      return { connections, nextCursor: nextCursor === "0" ? null : nextCursor };
    },

    async count(room) {
      const { users, connections } = await current(room, () => store.count(room, []));
      return { users, connections };
    },

    async online(room, userIds) {
      if (userIds.length === 0) {
        return new Set();
      }
      return new Set((await current(room, () => store.count(room, userIds))).present);
    },

    async rooms(userId) {
      const reply = await context.state.command("HKEYS", [keys.roomsOfUser(userId)], []);
      const noted = Array.isArray(reply) ? reply.filter((room) => typeof room === "string") : [];
      const present = await context.state.batch(
        noted.map((room) => ({ name: "HEXISTS", keys: [keys.users(room)], args: [userId] })),
      );
      return noted.filter((_, index) => {
        const result = present[index];
        if (result?.ok === false) {
          throw result.error;
        }
        return result?.reply === 1;
      });
    },

    async lastSeen(userIds) {
      const results = await context.state.batch(
        userIds.map((userId) => ({ name: "GET", keys: [keys.seen(userId)], args: [] })),
      );
      const seen = new Map<string, number>();
      for (const [index, result] of results.entries()) {
        if (!result.ok) {
          throw result.error;
        }
        const userId = userIds[index];
        if (userId !== undefined && result.reply !== null) {
          seen.set(userId, Number(result.reply));
        }
      }
      return seen;
    },

    onChange(room, { signal }) {
      assertLasting("onChange", "call presence.list(room) in intervals");
      return watchRoom(context, room, {
        signal: AbortSignal.any([signal, closing.signal]),
        parseMeta,
        readSnapshot: () => list(room, null, mostPerPage),
      });
    },

    async close() {
      closing.abort();
      await own.close();
    },
  };
  context.onClose(() => presence.close());
  return presence;
}

function assertLimit(limit: number): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > mostPerPage) {
    throw new Misuse(`limit must be a whole number from 1 to ${mostPerPage}, got ${limit}`);
  }
  return limit;
}

function parseCursor(cursor: string | null): { sinceMs: string; userId: string } {
  if (cursor === null) {
    return { sinceMs: "", userId: "" };
  }
  const match = /^(\d+)~(.+)$/s.exec(cursor);
  if (!match?.[1] || !match[2]) {
    throw new Misuse("not a cursor of this list");
  }
  return { sinceMs: match[1], userId: match[2] };
}
