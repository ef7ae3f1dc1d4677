import type { CoreContext } from "../context.ts";
import { isOutage, RedisUnavailable } from "../errors.ts";
import { randomHex } from "../random.ts";
import { DeadSweeper } from "./dead-sweeper.ts";
import { GraceTimers } from "./grace-timers.ts";
import { type LocalConnection, LocalRooms, registerOnce } from "./local-rooms.ts";
import { stateLetter } from "./presence-records.ts";
import type { PresenceStore } from "./presence-store.ts";
import { tidyRooms } from "./tidy-rooms.ts";
import { UserNotes } from "./user-notes.ts";

const enterTries = 3;
const beatsPerLease = 4;

/**
 * The lease of this process and the connections that live by it. A beat (four to a lease) extends the
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
  readonly #notes: UserNotes;
  /** Over HTTP no timer is sure to run: nothing here may count on one. */
  readonly #lasts: boolean;
  readonly #sweeper: DeadSweeper;
  readonly #graces: GraceTimers;
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
    this.#notes = new UserNotes(context, store);
    this.#lasts = context.state.capabilities.transport === "socket";
    this.#graces = new GraceTimers((room) => void this.#endGraces(room));
    this.#sweeper = new DeadSweeper(context, store, {
      own: () => this.#current,
      onSwept: (room, swept) => this.#notes.left(room, swept),
      onError: (error) => this.#later(error),
      adoptGrace: async (room, leftMs) => {
        if (this.#lasts && (await this.#register(room, await this.#begin()))) {
          this.#endGraceAfter(room, leftMs);
        }
      },
    });
  }

  /** Before the first read: sweeps whoever died while nobody was there to see it, and watches from then on. */
  async attend(): Promise<void> {
    await this.#sweeper.lookOnce();
    if (this.#lasts && !this.#beatTimer) {
      this.#scheduleBeat();
    }
  }

  /** Keeps a user present for a while without a connection. */
  async beat(name: string, userId: string, meta: string | undefined, lastsMs: number): Promise<void> {
    const tell = () => this.#store.beat(name, userId, meta, lastsMs);
    const [outcome, version = "0"] = this.#lasts ? await this.#inRoom(name, tell) : await tell();
    if (this.#lasts) {
      this.#endGraceAfter(name, lastsMs);
    }
    if (outcome === "joined") {
      void this.#notes.joined(name, userId, version);
    }
  }

  /** Ends the graces of a room that are over, whoever began them. */
  async endDueGraces(name: string): Promise<void> {
    await this.#notes.left(name, await this.#store.sweepRoom(name, "", 0));
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
  async leave(connection: LocalConnection, atOnce = false): Promise<void> {
    if (connection.isClosed) {
      return;
    }
    connection.isClosed = true;
    connection.leavesAtOnce = atOnce;
    const room = this.#rooms.get(connection.room, this.#context.clock.nowMs());
    room.connections.delete(connection.connectionId);
    await this.#tellLeave(connection, this.#current).catch((error: unknown) => this.#later(error));
  }

  /** Leaves all rooms, with the grace, and ends the lease. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#beatTimer);
    await this.#beating;
    await this.#sweeper.settled();
    const rooms = this.#rooms.all();
    this.#rooms.clear();
    this.#graces.clear();
    if (!this.#incarnation) {
      return;
    }
    try {
      const incarnation = await this.#incarnation;
      const nowMs = await this.#store.retire(incarnation);
      const graces = await Promise.all(
        rooms.map(async ({ name }) => {
          const swept = await this.#store.sweepRoom(name, incarnation, this.#graceMs);
          await this.#notes.left(name, swept);
          return swept.nextGraceMs ?? Infinity;
        }),
      );
      const firstGraceMs = Math.min(...graces, Infinity);
      if (firstGraceMs < Infinity) {
        // Somebody must end the graces: the next process to look finds this incarnation due.
        await this.#store.noteLease(incarnation, nowMs + firstGraceMs);
      } else {
        await this.#store.forget(incarnation);
      }
    } catch (error) {
      // The lease ends by itself, and a sweeper does the rest.
      this.#later(error);
    }
  }

  async #enter(connection: LocalConnection): Promise<void> {
    const { room, connectionId, userId } = connection;
    await this.#inRoom(room, async (incarnation) => {
      connection.isDirty = false;
      const { state, meta } = connection;
      const entry = { connectionId, userId, state: stateLetter(state), meta };
      const [outcome, version = "0"] = await this.#store
        .enter(room, incarnation, entry)
        .catch((error: unknown) => {
          connection.isDirty = true;
          throw error;
        });
      if (outcome === "fenced") {
        await this.#replace(incarnation);
        return null;
      }
      if (connection.isClosed) {
        // The leave may have overtaken this entry, which then must not stay.
        await this.#tellLeave(connection, incarnation);
      } else if (outcome === "joined") {
        void this.#notes.joined(room, userId, version);
      }
      return outcome;
    });
  }

  /** Does something in the name of an incarnation that a sweeper would find in the room; again for a null. */
  async #inRoom<R>(room: string, work: (incarnation: string) => Promise<R | null>): Promise<R> {
    for (let tries = 0; tries < enterTries; tries += 1) {
      const incarnation = await this.#begin();
      if (!(await this.#register(room, incarnation))) {
        await this.#renewOrReplace(incarnation);
        continue;
      }
      const result = await work(incarnation);
      if (result !== null) {
        return result;
      }
    }
    throw new RedisUnavailable("presence: the lease was lost again and again");
  }

  async #tellLeave(connection: LocalConnection, incarnation: string): Promise<void> {
    const { room, connectionId, userId, leavesAtOnce = false } = connection;
    const graceMs = leavesAtOnce ? 0 : this.#graceMs;
    const key = `${incarnation} ${room} ${connectionId}`;
    this.#leavesDue.set(key, { connection, incarnation });
    const [outcome, detail = "0"] = await this.#store.leave(room, incarnation, connectionId, graceMs);
    this.#leavesDue.delete(key);
    if (outcome === "leaving") {
      this.#endGraceAfter(room, Number(detail));
    } else if (outcome === "left") {
      void this.#notes.left(room, { version: detail, left: [userId] });
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

  #register(name: string, incarnation: string): Promise<boolean> {
    const room = this.#rooms.get(name, this.#context.clock.nowMs());
    return registerOnce(room, incarnation, () => this.#store.register(incarnation, name));
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
        await this.#notes.left(name, swept);
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
      const delayMs = (this.#leaseMs / beatsPerLease) * (0.85 + Math.random() * 0.15); // jitter
      this.#beatTimer = setTimeout(() => {
        this.#beating = this.#beat()
          .catch((error: unknown) => this.#later(error))
          .finally(() => this.#scheduleBeat());
      }, delayMs);
      this.#beatTimer.unref();
    }
  }

  async #beat(): Promise<void> {
    await this.#notes.flush();
    if (!this.#incarnation) {
      await this.#sweeper.look();
      return;
    }
    const incarnation = await this.#begin();
    const ends = await this.#renewOrReplace(incarnation);
    if (ends === "") {
      return;
    }
    const expired = await this.#store.noteLease(incarnation, ends);
    await this.#catchUp();
    const leaving = [...this.#leavesDue.values()].map(({ connection }) => connection.room);
    const busy = new Set([...leaving, ...this.#graces.rooms()]);
    const nowMs = this.#context.clock.nowMs();
    await tidyRooms(this.#store, this.#rooms, this.#notes, { incarnation, nowMs, busy });
    this.#sweeper.start(expired);
  }

  #endGraceAfter(name: string, delayMs: number): void {
    if (this.#isClosed) {
      return;
    }
    const room = this.#rooms.get(name, this.#context.clock.nowMs());
    if (!room.registered && this.#current !== "") {
      // Should this process die before the grace is over, a sweeper must find the room.
      this.#register(name, this.#current).catch((error: unknown) => this.#later(error));
    }
    this.#graces.set(name, delayMs);
  }

  async #endGraces(name: string): Promise<void> {
    try {
      const swept = await this.#store.sweepRoom(name, "", 0);
      if (swept.nextGraceMs !== null) {
        this.#endGraceAfter(name, swept.nextGraceMs);
      }
      await this.#notes.left(name, swept);
    } catch (error) {
      this.#later(error);
      this.#endGraceAfter(name, this.#leaseMs / beatsPerLease);
    }
  }

  #later(error: unknown): void {
    this.#context.telemetry.count("presence_deferred_total");
    if (!isOutage(error)) {
      this.#context.telemetry.log("error", "presence: a step failed and is repeated", { error });
    }
  }
}
