import type { PresenceState } from "./presence-types.ts";

/** One open connection of this process, as it should stand in Redis. */
export interface LocalConnection {
  readonly room: string;
  readonly connectionId: string;
  readonly userId: string;
  state: PresenceState;
  /** Encoded; undefined leaves the user's metadata as it is. */
  meta: string | undefined;
  /** Redis may not have the latest state. */
  isDirty: boolean;
  isClosed: boolean;
  /** It ends without the grace. */
  leavesAtOnce?: boolean;
}

/** What this process knows of a room it has, or just had, connections in. */
export interface LocalRoom {
  readonly name: string;
  readonly connections: Map<string, LocalConnection>;
  /** The incarnation under which the room is noted as ours, once that is acknowledged. */
  registered: { readonly incarnation: string; readonly done: Promise<boolean> } | undefined;
  touchedAtMs: number;
  notedAtMs: number;
}

/** The rooms of this process. */
export class LocalRooms {
  readonly #rooms = new Map<string, LocalRoom>();

  get(name: string, nowMs: number): LocalRoom {
    let room = this.#rooms.get(name);
    if (!room) {
      room = {
        name,
        connections: new Map(),
        registered: undefined,
        touchedAtMs: nowMs,
        notedAtMs: nowMs,
      };
      this.#rooms.set(name, room);
    }
    return room;
  }

  all(): LocalRoom[] {
    return [...this.#rooms.values()];
  }

  connections(): LocalConnection[] {
    return this.all().flatMap(({ connections }) => [...connections.values()]);
  }

  /** Drops rooms in which nothing is left to do, and names them. */
  prune(busy: ReadonlySet<string>): string[] {
    const idle = this.all().filter(
      ({ name, connections }) => connections.size === 0 && !busy.has(name),
    );
    for (const { name } of idle) {
      this.#rooms.delete(name);
    }
    return idle.map(({ name }) => name);
  }

  clear(): void {
    this.#rooms.clear();
  }
}

/** Notes a room as one of an incarnation's, once for all who ask; a failure is forgotten. */
export function registerOnce(
  room: LocalRoom,
  incarnation: string,
  register: () => Promise<boolean>,
): Promise<boolean> {
  if (room.registered?.incarnation === incarnation) {
    return room.registered.done;
  }
  const registered = { incarnation, done: register() };
  room.registered = registered;
  const forget = () => {
    if (room.registered === registered) {
      room.registered = undefined;
    }
  };
  registered.done.then((isDone) => isDone || forget(), forget);
  return registered.done;
}
