import type { LocalConnection } from "./local-rooms.ts";
import type { PresenceProcess } from "./presence-process.ts";

interface SiteHold {
  readonly connection: LocalConnection;
  /** Rooms that the connection is in. */
  readonly rooms: Set<string>;
  readonly entered: Promise<void>;
}

/** Keeps every connection of any room in one room more, once, however many rooms it is in. */
export class SitePresence {
  readonly #process: PresenceProcess;
  readonly #room: string;
  readonly #holds = new Map<string, SiteHold>();

  constructor(process: PresenceProcess, room: string) {
    this.#process = process;
    this.#room = room;
  }

  async enter({ room, connectionId, userId, state, meta }: LocalConnection): Promise<void> {
    if (room === this.#room) {
      return;
    }
    const key = JSON.stringify([connectionId, userId]);
    const hold = this.#holds.get(key);
    if (hold) {
      hold.rooms.add(room);
      return await hold.entered;
    }
    const connection: LocalConnection = {
      room: this.#room,
      // Two users may use one connection id in different rooms; in this room they must not meet.
      connectionId: key,
      userId,
      state,
      meta,
      isDirty: true,
      isClosed: false,
    };
    const entered = this.#process.join(connection).catch((error: unknown) => {
      this.#holds.delete(key);
      throw error;
    });
    this.#holds.set(key, { connection, rooms: new Set([room]), entered });
    await entered;
  }

  async update({ connectionId, userId, state, meta }: LocalConnection): Promise<void> {
    const hold = this.#holds.get(JSON.stringify([connectionId, userId]));
    if (hold) {
      hold.connection.state = state;
      hold.connection.meta = meta;
      await this.#process.update(hold.connection);
    }
  }

  async leave({ room, connectionId, userId }: LocalConnection): Promise<void> {
    const key = JSON.stringify([connectionId, userId]);
    const hold = this.#holds.get(key);
    if (hold?.rooms.delete(room) && hold.rooms.size === 0) {
      this.#holds.delete(key);
      await this.#process.leave(hold.connection);
    }
  }
}
