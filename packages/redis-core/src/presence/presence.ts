import type { CoreContext } from "../context.ts";
import { toMs, toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";
import type { LocalConnection } from "./local-rooms.ts";
import { PresenceProcess } from "./presence-process.ts";
import { encodeMeta, parseRecord } from "./presence-records.ts";
import { createPresenceStore } from "./presence-store.ts";
import type { Presence, PresenceConnection, PresenceOptions, PresencePage } from "./presence-types.ts";
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
  const heartbeatMs = toPositiveMs(options.heartbeatTtl ?? "30s", "heartbeatTtl");
  const parseMeta = options.parseMeta ?? ((value: unknown) => value as Meta);
  const keys = context.keys.presence;
  const store = createPresenceStore(context);
  const own = new PresenceProcess(context, store, leaseMs, graceMs);
  const heartbeats = new Map<string, NodeJS.Timeout>();

  const join: Presence<Meta>["join"] = async (room, { userId, connectionId, state = "active", meta }) => {
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
    await own.join(connection);
    return handleOf(connection);
  };

  const handleOf = (connection: LocalConnection): PresenceConnection<Meta> => ({
    async update({ state, meta }) {
      if (connection.isClosed) {
        throw new Misuse("the connection has left");
      }
      connection.state = state ?? connection.state;
      connection.meta = meta === undefined ? connection.meta : encodeMeta(meta);
      await own.update(connection);
    },
    leave: () => own.leave(connection),
  });

  const list = async (room: string, cursor: string | null, limit: number): Promise<PresencePage<Meta>> => {
    const [version, more, ...pairs] = await store.list(room, parseCursor(cursor), limit);
    const users = [];
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      users.push(parseRecord(pairs[index] ?? "", pairs[index + 1] ?? "", parseMeta));
    }
    const last = users.at(-1);
    const nextCursor = more === "1" && last ? `${last.sinceMs}~${last.userId}` : null;
    return { version: Number(version), users, nextCursor };
  };

  const closing = new AbortController();
  const presence: Presence<Meta> = {
    join,

    async heartbeat(room, { userId, meta }) {
      const key = JSON.stringify([room, userId]);
      const connectionId = `heartbeat:${userId}`;
      clearTimeout(heartbeats.get(key));
      if (!own.find(room, connectionId) || meta !== undefined) {
        await join(room, { userId, connectionId, ...(meta === undefined ? {} : { meta }) });
      }
      const silent = setTimeout(() => {
        heartbeats.delete(key);
        const connection = own.find(room, connectionId);
        if (connection) {
          void own.leave(connection);
        }
      }, heartbeatMs);
      silent.unref();
      clearTimeout(heartbeats.get(key));
      heartbeats.set(key, silent);
    },

    list: (room, { cursor = null, limit = 100 } = {}) => {
      if (!Number.isInteger(limit) || limit < 1 || limit > mostPerPage) {
        throw new Misuse(`limit must be a whole number from 1 to ${mostPerPage}, got ${limit}`);
      }
      return list(room, cursor, limit);
    },

    async count(room) {
      const [users, connections] = await Promise.all([
        context.state.command("HLEN", [keys.users(room)], []),
        context.state.command("HLEN", [keys.connections(room)], []),
      ]);
      return { users: Number(users), connections: Number(connections) };
    },

    async online(room, userIds) {
      if (userIds.length === 0) {
        return new Set();
      }
      const reply = await context.state.command("HMGET", [keys.users(room)], userIds);
      const records = Array.isArray(reply) ? reply : [];
      return new Set(userIds.filter((_, index) => records[index] != null));
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

    onChange: (room, { signal }) =>
      watchRoom(context, room, {
        signal: AbortSignal.any([signal, closing.signal]),
        parseMeta,
        readSnapshot: () => list(room, null, mostPerPage),
      }),

    async close() {
      closing.abort();
      for (const silent of heartbeats.values()) {
        clearTimeout(silent);
      }
      heartbeats.clear();
      await own.close();
    },
  };
  context.onClose(() => presence.close());
  return presence;
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
