import { type CoreContext, runOn } from "../context.ts";
import type { RedisReply } from "../port.ts";
import { ringCommand } from "../sharding.ts";
import {
  beatScript,
  claimScript,
  countScript,
  dueScript,
  enterScript,
  noteLeaseScript,
  leaveScript,
  listScript,
  noteUserScript,
  registerScript,
  renewScript,
  retireScript,
  sweepRoomScript,
} from "./scripts.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const claimMs = 5_000;
const sweepDeadlineMs = 5_000;

/** How long a room's keys live without a touch; see `touchRoom`. */
export const roomTtlMs = hourMs;

/** What `sweep-room.lua` answers. */
export interface SweptRoom {
  /** Milliseconds to the end of the next grace, or null when none runs. */
  readonly nextGraceMs: number | null;
  readonly version: string;
  /** Connections of the incarnation that were there. */
  readonly taken: number;
  readonly left: readonly string[];
}

/** The calls of presence, each one round trip, with their keys. Every one is idempotent. */
export function createPresenceStore(context: CoreContext) {
  const keys = context.keys.presence;
  const roomKeys = (room: string) => ({
    connections: keys.connections(room),
    users: keys.users(room),
    order: keys.order(room),
    leaving: keys.leaving(room),
    version: keys.version(room),
    events: keys.events(room),
  });
  const processKeys = (incarnation: string) => ({
    process: keys.process(incarnation),
    rooms: keys.roomsOfProcess(incarnation),
  });
  const ttl = roomTtlMs;
  const command = (name: string, key: string, args: readonly (string | number)[]) =>
    context.state.command(name, [key], args);

  return {
    enter: async (
      room: string,
      incarnation: string,
      entry: { connectionId: string; userId: string; state: string; meta: string | undefined },
    ) =>
      texts(
        await runOn(
          context,
          "state",
          enterScript,
          {
            keys: { ...roomKeys(room), fence: keys.fence(room, incarnation) },
            args: {
              field: `${incarnation}:${entry.connectionId}`,
              user: entry.userId,
              state: entry.state,
              has_meta: entry.meta === undefined ? 0 : 1,
              meta: entry.meta ?? "",
              ttl,
              ring: await ringCommand(context),
            },
          },
          { resend: "once" },
        ),
      ),

    leave: async (room: string, incarnation: string, connectionId: string, graceMs: number) =>
      texts(
        await runOn(
          context,
          "state",
          leaveScript,
          {
            keys: roomKeys(room),
            args: {
              field: `${incarnation}:${connectionId}`,
              grace: graceMs,
              ttl,
              ring: await ringCommand(context),
            },
          },
          { resend: "once" },
        ),
      ),

    /** Keeps a user present for `lastsMs` from now, without a connection. */
    beat: async (room: string, userId: string, meta: string | undefined, lastsMs: number) => {
      const { users, order, leaving, version, events, connections } = roomKeys(room);
      return texts(
        await runOn(
          context,
          "state",
          beatScript,
          {
            keys: { users, order, leaving, version, events, connections },
            args: {
              user: userId,
              has_meta: meta === undefined ? 0 : 1,
              meta: meta ?? "",
              lasts: lastsMs,
              ttl: Math.max(ttl, 2 * lastsMs),
              ring: await ringCommand(context),
            },
          },
          { resend: "once" },
        ),
      );
    },

    /** Takes an incarnation from a room (`""`: none) and ends the graces that are over. */
    sweepRoom: async (room: string, incarnation: string, graceMs: number): Promise<SweptRoom> => {
      const [nextGrace = "", version = "0", taken = "0", ...left] = texts(
        await runOn(
          context,
          "state",
          sweepRoomScript,
          {
            keys: { ...roomKeys(room), fence: keys.fence(room, incarnation || "none") },
            args: {
              incarnation,
              grace: graceMs,
              ttl,
              fence_ttl: hourMs,
              ring: await ringCommand(context),
            },
          },
          { resend: "once", deadlineMs: sweepDeadlineMs },
        ),
      );
      const nextGraceMs = nextGrace === "" ? null : Number(nextGrace);
      return { nextGraceMs, version, taken: Number(taken), left };
    },

    list: async (room: string, after: { sinceMs: string; userId: string }, limit: number) => {
      const { users, order, version, leaving } = roomKeys(room);
      const [isDue, at = "0", hasMore, ...pairs] = texts(
        await runOn(
          context,
          "state",
          listScript,
          {
            keys: { users, order, version, leaving },
            args: { after_since: after.sinceMs, after_user: after.userId, limit },
          },
          { resend: "once" },
        ),
      );
      return { isDue: isDue === "1", version: at, hasMore: hasMore === "1", pairs };
    },

    /** Both counts of a room, and who of some users is there. */
    count: async (room: string, userIds: readonly string[]) => {
      const { connections, users, leaving } = roomKeys(room);
      const [isDue, userCount, connectionCount, ...found] = texts(
        await runOn(
          context,
          "state",
          countScript,
          { keys: { connections, users, leaving }, args: {}, restArgs: userIds },
          { resend: "once" },
        ),
      );
      return {
        isDue: isDue === "1",
        users: Number(userCount),
        connections: Number(connectionCount),
        present: userIds.filter((_, index) => found[index] === "1"),
      };
    },

    /** Incarnations whose leases are over. */
    due: async () =>
      texts(
        await runOn(
          context,
          "state",
          dueScript,
          { keys: { processes: keys.processes() }, args: {} },
          { resend: "once" },
        ),
      ),

    /** A page of the connections of a room, by the cursor of HSCAN. */
    scanConnections: async (room: string, cursor: string, limit: number) => {
      const reply = await context.state.command("HSCAN", [keys.connections(room)], [cursor, "COUNT", limit], {
        resend: "once",
      });
      const [next, found] = Array.isArray(reply) ? reply : [];
      return { nextCursor: String(next), pairs: texts(found ?? []) };
    },

    /** The end of the lease, or "" when it is over for good. */
    renew: async (incarnation: string, leaseMs: number, isFirst: boolean) =>
      String(
        await runOn(context, "state", renewScript, {
          keys: processKeys(incarnation),
          args: { lease: leaseMs, first: isFirst ? 1 : 0, ttl: dayMs },
        }),
      ),

    /** Notes the end of an incarnation's lease, and lists those that look dead. */
    noteLease: async (incarnation: string, ends: string | number) =>
      texts(
        await runOn(context, "state", noteLeaseScript, {
          keys: { processes: keys.processes() },
          args: { incarnation, ends, ttl: dayMs },
        }),
      ),

    register: async (incarnation: string, room: string) =>
      (await runOn(
        context,
        "state",
        registerScript,
        { keys: processKeys(incarnation), args: { room, ttl: dayMs } },
        { resend: "once" },
      )) === 1,

    unregister: (incarnation: string, rooms: readonly string[]) =>
      command("HDEL", keys.roomsOfProcess(incarnation), rooms),

    claim: async (incarnation: string, sweeper: string) =>
      texts(
        await runOn(context, "state", claimScript, {
          keys: { ...processKeys(incarnation), claim: keys.claim(incarnation) },
          args: { sweeper, claim_ttl: claimMs, tombstone_ttl: hourMs },
        }),
      ),

    /** Forgets a swept incarnation; its tombstone stays. */
    forget: async (incarnation: string) => {
      await context.state.command("UNLINK", [keys.roomsOfProcess(incarnation), keys.claim(incarnation)], []);
      await command("ZREM", keys.processes(), [incarnation]);
    },

    retire: async (incarnation: string) =>
      Number(
        await runOn(context, "state", retireScript, {
          keys: processKeys(incarnation),
          args: { tombstone_ttl: hourMs },
        }),
      ),

    noteUser: (room: string, userId: string, version: string, hasJoined: boolean) =>
      runOn(context, "state", noteUserScript, {
        keys: { rooms: keys.roomsOfUser(userId), seen: keys.seen(userId) },
        args: { room, version, joined: hasJoined ? 1 : 0, ttl: dayMs, seen_ttl: 30 * dayMs },
      }),

    /** Renews the TTLs of a room in which nothing changes. */
    touchRoom: (room: string) => {
      const { connections, users, order, leaving, version } = roomKeys(room);
      const items = [connections, users, order, leaving, version];
      return context.state.batch(
        items.map((key) => ({ name: "PEXPIRE", keys: [key], args: [roomTtlMs] })),
      );
    },
  };
}

export type PresenceStore = ReturnType<typeof createPresenceStore>;

function texts(reply: RedisReply): string[] {
  return Array.isArray(reply) ? reply.map((item) => (Array.isArray(item) ? "" : String(item ?? ""))) : [];
}
