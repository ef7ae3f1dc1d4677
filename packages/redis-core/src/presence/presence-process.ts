import type { CoreContext } from "../context.ts";
import { isOutage, RedisUnavailable } from "../errors.ts";
import { randomHex } from "../random.ts";
import { type LocalConnection, LocalRooms } from "./local-rooms.ts";
import { stateLetter } from "./presence-records.ts";
import type { PresenceStore } from "./presence-store.ts";
import { sweepIncarnation } from "./sweep-incarnation.ts";

const touchRoomEveryMs = 6 * 3_600_000;
const enterTries = 3;

/**
 * The lease of this process and the connections that live by it. A beat (three to a lease) extends the
 * lease, repeats what an outage kept from Redis, and sweeps other incarnations whose leases are over. An
 * incarnation that was swept is never revived: the process takes a new one and enters everything again.
 */
export class PresenceProcess {
  readonly #context: CoreContext;
  readonly #store: PresenceStore;
  readonly #leaseMs: number;
  readonly #graceMs: number;
  readonly #rooms = new LocalRooms();
  /** Connections whose leave did not reach Redis. */
  readonly #leavesDue = new Map<string, { connection: LocalConnection; incarnation: string }>();
  /** Incarnations of this process that are over and may still stand in its rooms. */
  readonly #former = new Set<string>();
  #incarnation: Promise<string> | undefined;
  #current = "";
  #beatTimer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #isClosed = false;

  constructor(context: CoreContext, store: PresenceStore, leaseMs: number, graceMs: number) {
    this.#context = context;
    this.#store = store;
    this.#leaseMs = leaseMs;
    this.#graceMs = graceMs;
  }

  find(room: string, connectionId: string): LocalConnection | undefined {
    return this.#rooms.get(room, this.#context.clock.nowMs()).connections.get(connectionId);
  }

  /** Adds the connection; when that fails, none is left behind. */
  async join(connection: LocalConnection): Promise<void> {
    const room = this.#rooms.get(connection.room, this.#context.clock.nowMs());
    room.connections.set(connection.connectionId, connection);
    try {
      await this.#enter(connection);
    } catch (error) {
      await this.leave(connection);
      throw error;
    }
  }

  /** Tells Redis of the connection's new state, at the next beat if not now. */
  async update(connection: LocalConnection): Promise<void> {
    connection.isDirty = true;
    await this.#enter(connection).catch((error: unknown) => this.#later(error));
  }

  /** Ends the connection, at the next beat if not now. */
  async leave(connection: LocalConnection): Promise<void> {
    if (connection.isClosed) {
      return;
    }
    connection.isClosed = true;
    const room = this.#rooms.get(connection.room, this.#context.clock.nowMs());
    room.connections.delete(connection.connectionId);
    await this.#tellLeave(connection, this.#current).catch((error: unknown) => this.#later(error));
  }

  /** Leaves all rooms, with the grace, and ends the lease. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#beatTimer);
    await this.#beating;
    const rooms = this.#rooms.all();
    this.#rooms.clear();
    if (!this.#incarnation) {
      return;
    }
    try {
      const incarnation = await this.#incarnation;
      const nowMs = await this.#store.retire(incarnation);
      await Promise.all(
        rooms.map(async ({ name }) => {
          const swept = await this.#store.sweepRoom(name, incarnation, this.#graceMs);
          await this.#noteLeft(name, swept.version, swept.left);
        }),
      );
      if (this.#graceMs > 0) {
        // Somebody must end the graces: the next process to look finds this incarnation due.
        await this.#store.noteLease(incarnation, nowMs + this.#graceMs);
      } else {
        await this.#store.forget(incarnation);
      }
    } catch (error) {
      // The lease ends by itself, and a sweeper does the rest.
      this.#later(error);
    }
  }

  async #enter(connection: LocalConnection): Promise<void> {
    for (let tries = 0; tries < enterTries; tries += 1) {
      const incarnation = await this.#begin();
      if (!(await this.#register(connection.room, incarnation))) {
        await this.#renewOrReplace(incarnation);
        continue;
      }
      connection.isDirty = false;
      const { connectionId, userId, state, meta } = connection;
      const entry = { connectionId, userId, state: stateLetter(state), meta };
      const [outcome, version = "0"] = await this.#store
        .enter(connection.room, incarnation, entry)
        .catch((error: unknown) => {
          connection.isDirty = true;
          throw error;
        });
      if (outcome === "fenced") {
        await this.#replace(incarnation);
        continue;
      }
      if (connection.isClosed) {
        // The leave may have overtaken this entry, which then must not stay.
        await this.#tellLeave(connection, incarnation);
      } else if (outcome === "joined") {
        this.#context.telemetry.count("presence_joins_total");
        this.#note(connection.room, connection.userId, version, true);
      }
      return;
    }
    throw new RedisUnavailable("presence: the lease was lost again and again");
  }

  async #tellLeave(connection: LocalConnection, incarnation: string): Promise<void> {
    const { room, connectionId, userId } = connection;
    const key = `${incarnation} ${room} ${connectionId}`;
    this.#leavesDue.set(key, { connection, incarnation });
    const [outcome, detail = "0"] = await this.#store.leave(room, incarnation, connectionId, this.#graceMs);
    this.#leavesDue.delete(key);
    if (outcome === "leaving") {
      this.#endGraceAfter(room, this.#graceMs);
    } else if (outcome === "left") {
      this.#note(room, userId, detail, false);
    }
  }

  /** The incarnation of this process, its lease begun. */
  #begin(): Promise<string> {
    if (this.#isClosed) {
      return Promise.reject(new RedisUnavailable("presence is closed"));
    }
    this.#incarnation ??= this.#incarnate().catch((error: unknown) => {
      this.#incarnation = undefined;
      throw error;
    });
    return this.#incarnation;
  }

  async #incarnate(): Promise<string> {
    const incarnation = randomHex(8);
    const ends = await this.#store.renew(incarnation, this.#leaseMs, true);
    await this.#store.noteLease(incarnation, ends);
    this.#current = incarnation;
    this.#scheduleBeat();
    return incarnation;
  }

  async #register(name: string, incarnation: string): Promise<boolean> {
    const room = this.#rooms.get(name, this.#context.clock.nowMs());
    if (room.registered?.incarnation === incarnation) {
      return await room.registered.done;
    }
    const done = this.#store.register(incarnation, name);
    const registered = { incarnation, done };
    room.registered = registered;
    const forget = () => {
      if (room.registered === registered) {
        room.registered = undefined;
      }
    };
    done.then((isDone) => isDone || forget(), forget);
    return await done;
  }

  async #renewOrReplace(incarnation: string): Promise<string> {
    const ends = await this.#store.renew(incarnation, this.#leaseMs, false);
    if (ends === "") {
      await this.#replace(incarnation);
    }
    return ends;
  }

  /** Takes a new incarnation for one that is over, once, whoever noticed. */
  async #replace(old: string): Promise<void> {
    if (this.#current !== old || this.#isClosed) {
      await this.#begin();
      return;
    }
    this.#context.telemetry.count("presence_leases_lost_total");
    this.#context.telemetry.log("warn", "presence: the lease was lost; all connections are entered again");
    this.#former.add(old);
    this.#current = "";
    this.#incarnation = undefined;
    for (const connection of this.#rooms.connections()) {
      connection.isDirty = true;
    }
    await this.#begin();
    void this.#catchUp().catch((error: unknown) => this.#later(error));
  }

  /**
   * Repeats what Redis was not told. Connections are entered under the new incarnation before a former
   * one goes, so that no user leaves in between.
   */
  async #catchUp(): Promise<void> {
    const dirty = this.#rooms.connections().filter(({ isDirty }) => isDirty);
    await Promise.all(dirty.map((each) => this.#enter(each)));
    for (const { connection, incarnation } of this.#leavesDue.values()) {
      await this.#tellLeave(connection, incarnation);
    }
    for (const former of this.#former) {
      for (const { name } of this.#rooms.all()) {
        const swept = await this.#store.sweepRoom(name, former, this.#graceMs);
        await this.#noteLeft(name, swept.version, swept.left);
        if (swept.nextGraceMs !== null) {
          this.#endGraceAfter(name, swept.nextGraceMs);
        }
      }
      this.#former.delete(former);
    }
  }

  #scheduleBeat(): void {
    clearTimeout(this.#beatTimer);
    if (!this.#isClosed) {
      // Jitter, so that processes started together do not sweep together.
      const delayMs = (this.#leaseMs / 3) * (0.85 + Math.random() * 0.15); // jitter
      this.#beatTimer = setTimeout(() => {
        this.#beating = this.#beat()
          .catch((error: unknown) => this.#later(error))
          .finally(() => this.#scheduleBeat());
      }, delayMs);
      this.#beatTimer.unref();
    }
  }

  async #beat(): Promise<void> {
    const incarnation = await this.#begin();
    const ends = await this.#renewOrReplace(incarnation);
    if (ends === "") {
      return;
    }
    const expired = await this.#store.noteLease(incarnation, ends);
    await this.#catchUp();
    await this.#tidyRooms(incarnation);
    for (const dead of expired.filter((other) => other !== incarnation)) {
      await sweepIncarnation(this.#store, dead, incarnation, {
        onLeft: (room, version, left) => this.#noteLeft(room, version, left),
        adoptGrace: async (room, graceMs) => {
          if (await this.#register(room, incarnation)) {
            this.#endGraceAfter(room, graceMs);
          }
        },
      });
    }
  }

  async #tidyRooms(incarnation: string): Promise<void> {
    const nowMs = this.#context.clock.nowMs();
    const busy = new Set([...this.#leavesDue.values()].map(({ connection }) => connection.room));
    const gone = this.#rooms.prune(busy);
    if (gone.length > 0) {
      await this.#store.unregister(incarnation, gone);
    }
    for (const room of this.#rooms.all()) {
      if (nowMs - room.touchedAtMs > touchRoomEveryMs) {
        room.touchedAtMs = nowMs;
        await this.#store.touchRoom(room.name);
      }
    }
  }

  #endGraceAfter(name: string, delayMs: number): void {
    if (this.#isClosed) {
      return;
    }
    const room = this.#rooms.get(name, this.#context.clock.nowMs());
    if (room.graceTimer) {
      return;
    }
    if (!room.registered && this.#current !== "") {
      // Should this process die before the grace is over, a sweeper must find the room.
      this.#register(name, this.#current).catch((error: unknown) => this.#later(error));
    }
    room.graceTimer = setTimeout(() => {
      room.graceTimer = undefined;
      this.#store
        .sweepRoom(name, "", 0)
        .then(async ({ nextGraceMs, version, left }) => {
          if (nextGraceMs !== null) {
            this.#endGraceAfter(name, nextGraceMs);
          }
          await this.#noteLeft(name, version, left);
        })
        .catch((error: unknown) => {
          this.#later(error);
          this.#endGraceAfter(name, this.#leaseMs / 3);
        });
    }, Math.max(1, delayMs) + 1);
    room.graceTimer.unref();
  }

  async #noteLeft(room: string, version: string, userIds: readonly string[]): Promise<void> {
    this.#context.telemetry.count("presence_leaves_total", {}, userIds.length);
    await Promise.all(userIds.map((userId) => this.#store.noteUser(room, userId, version, false)));
  }

  #note(room: string, userId: string, version: string, hasJoined: boolean): void {
    if (!hasJoined) {
      this.#context.telemetry.count("presence_leaves_total");
    }
    this.#store.noteUser(room, userId, version, hasJoined).catch((error: unknown) => this.#later(error));
  }

  #later(error: unknown): void {
    this.#context.telemetry.count("presence_deferred_total");
    if (!isOutage(error)) {
      this.#context.telemetry.log("error", "presence: a step failed and is repeated", { error });
    }
  }
}
