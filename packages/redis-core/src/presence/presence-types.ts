import type { Duration } from "../duration.ts";

/** What a connection says of its user; a user's state is the liveliest of his connections. */
export type PresenceState = "active" | "idle" | "away";

export interface PresenceOptions<Meta> {
  /**
   * How long a process may be silent before its connections are taken from it. Default `"15s"`. A crash
   * shows as leaves after at most this plus a quarter.
   */
  readonly leaseTtl?: Duration;
  /** How long a user without connections stays present, so that a reload shows nothing. Default `"8s"`. */
  readonly grace?: Duration;
  /** How long a `heartbeat` counts. Default `"60s"`. */
  readonly heartbeatTtl?: Duration;
  /** The room that whoever is in any other room is in too: the whole site. None without it. */
  readonly site?: string;
  /** Checks metadata read from Redis; what it refuses reads as undefined. */
  readonly parseMeta?: (value: unknown) => Meta;
}

export interface PresenceUser<Meta = undefined> {
  readonly userId: string;
  readonly state: PresenceState;
  /** Open connections (tabs, devices); 0 within the grace after the last one, and for one who only beats. */
  readonly connections: number;
  readonly sinceMs: number;
  /** As last given by any of the user's connections. */
  readonly meta: Meta | undefined;
}

/** One connection of a room. */
export interface RoomConnection<Meta = undefined> {
  readonly connectionId: string;
  /** The process it is open in; two of them may use the same connection id. */
  readonly process: string;
  readonly userId: string;
  readonly state: PresenceState;
  /** As last given by this connection. */
  readonly meta: Meta | undefined;
}

export interface PresencePage<Meta = undefined> {
  /** Rises with every join, leave and update of the room. */
  readonly version: number;
  readonly users: readonly PresenceUser<Meta>[];
  /** Hand it to the next call; null after the last page. */
  readonly nextCursor: string | null;
}

export type PresenceEvent<Meta = undefined> =
  /** All users, or as many as one page holds: the rest follows from `list` with the cursor. */
  | ({ readonly type: "snapshot" } & PresencePage<Meta>)
  | {
      readonly type: "join" | "update";
      readonly version: number;
      readonly userId: string;
      readonly user: PresenceUser<Meta>;
    }
  | { readonly type: "leave"; readonly version: number; readonly userId: string };

export interface PresenceJoin<Meta> {
  readonly userId: string;
  /** Unique within the process; joining again with the same one updates it. */
  readonly connectionId: string;
  readonly state?: PresenceState;
  readonly meta?: Meta;
}

export interface PresenceConnection<Meta> {
  /** Changes the state or the metadata. After a network fault the process repeats the last one by itself. */
  update(change: { state?: PresenceState; meta?: Meta }): Promise<void>;
  /**
   * Ends the connection. Safe to call twice. `atOnce`: without the grace, for a user who shall not be seen there any
   * more; it holds once he has no other connection to the room.
   */
  leave(options?: { readonly atOnce?: boolean }): Promise<void>;
}

/**
 * Who is where, by connection and by user: exactly one join when a user's first connection comes and one
 * leave when the last has gone, crashes included. Liveness is a lease of the process, so an open
 * connection costs no heartbeat. Fails as the port does; joins that failed, and all of a process that lost
 * its lease, are entered again when Redis is back.
 *
 * The first call of a process that reads also looks for processes that died while nobody was there to see it.
 */
export interface Presence<Meta = undefined> {
  /**
   * One round trip (two for the process' first connection in the room). With a `site`, one more in parallel for
   * the connection's first room.
   *
   * @throws {UnsupportedByTransport} over HTTP, where no process stays to answer for it: use `heartbeat`.
   */
  join(room: string, join: PresenceJoin<Meta>): Promise<PresenceConnection<Meta>>;
  /**
   * For clients without a stream: present for `heartbeatTtl` from now, whichever process they reach, and also when
   * that one ends. One round trip (two for the process' first in the room).
   */
  heartbeat(room: string, who: { userId: string; meta?: Meta }): Promise<void>;
  /** A page in order of arrival. One round trip. */
  list(room: string, options?: { cursor?: string | null; limit?: number }): Promise<PresencePage<Meta>>;
  /**
   * Connections one by one, in no order. One round trip a page of about `limit`; one that is open during all pages
   * is in at least one of them.
   */
  connections(
    room: string,
    options?: { cursor?: string | null; limit?: number },
  ): Promise<{ readonly connections: readonly RoomConnection<Meta>[]; readonly nextCursor: string | null }>;
  /** One round trip, O(1). Users within their grace count. */
  count(room: string): Promise<{ users: number; connections: number }>;
  /** Which of the users are present. One round trip. */
  online(room: string, userIds: readonly string[]): Promise<Set<string>>;
  /** Rooms the user is in. Two round trips (in parallel per slot on a Cluster). */
  rooms(userId: string): Promise<string[]>;
  /** When each user last left a room, kept 30 days; missing for others. One round trip. */
  lastSeen(userIds: readonly string[]): Promise<Map<string, number>>;
  /**
   * A snapshot, then every change with rising versions. After a lost message or connection comes a new
   * snapshot. Ends with the signal.
   *
   * @throws {UnsupportedByTransport} over HTTP: call `list` in intervals.
   */
  onChange(room: string, options: { signal: AbortSignal }): AsyncIterable<PresenceEvent<Meta>>;
  /** Leaves everywhere (with the grace) and ends the lease. Called by `core.close()`. */
  close(): Promise<void>;
}
