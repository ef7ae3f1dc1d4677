import { userQueries } from "@cardinal/db";
import type { Presence, PresenceEvent, PresenceUser as RedisPresenceUser } from "@cardinal/redis-core/presence";
import type { AppDeps } from "../deps/app-deps.ts";
import type { PresenceOnChangeFrame, PresenceUser } from "../routers/presence/schemas.ts";
import { toUserView } from "../use-cases/user/user-view.ts";

/** Changes kept for diffs; who is further behind gets a snapshot. */
const MOST_CHANGES = 1_000;
const RETRY_MS = 1_000;
/** Versions that streams stand at, at once. */
const MOST_READS = 64;

export type PresenceTopicDeps = Pick<AppDeps, "db" | "log">;

interface Change {
  readonly version: number;
  readonly kind: "join" | "leave" | "update";
  readonly userId: string;
}

/** A frame and where it leads. */
export interface PresenceRead {
  readonly version: number;
  readonly frame: PresenceOnChangeFrame;
}

/**
 * One presence room in this process: who is there, and the last changes. However many streams follow, the room is
 * followed once in Redis. A stream reads the difference between its version and now, so a slow one gets fewer and
 * larger diffs, never a queue.
 */
export class PresenceTopic {
  readonly #deps: PresenceTopicDeps;
  readonly #users = new Map<string, RedisPresenceUser>();
  readonly #wakes = new Set<() => void>();
  readonly #ending = new AbortController();
  readonly #reads = new Map<number | null, Promise<PresenceRead | null>>();
  #changes: Change[] = [];
  /** Rises by one with every change seen here; Redis' own versions need not be contiguous after a gap. */
  #version = 0;
  /** A diff can begin here or later. */
  #diffsFrom = 0;

  constructor(deps: PresenceTopicDeps) {
    this.#deps = deps;
  }

  /** Resolves with the first snapshot. */
  static async open(deps: PresenceTopicDeps, presence: Presence, room: string): Promise<PresenceTopic> {
    const topic = new PresenceTopic(deps);
    const started = Promise.withResolvers<void>();
    topic.#run(presence, room, started).catch((error: unknown) => {
      started.reject(error instanceof Error ? error : new Error("presence could not be followed", { cause: error }));
    });
    await started.promise;
    return topic;
  }

  get version(): number {
    return this.#version;
  }

  follow(wake: () => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  /**
   * What changed since a version, or everything when that cannot be said. Null: nothing. One reading and one object
   * for all who ask the same between two changes.
   */
  read(sinceVersion: number | null): Promise<PresenceRead | null> {
    let reading = this.#reads.get(sinceVersion);
    if (reading === undefined) {
      reading = this.#read(sinceVersion);
      reading.catch(() => this.#reads.delete(sinceVersion));
      if (this.#reads.size < MOST_READS) {
        this.#reads.set(sinceVersion, reading);
      }
    }
    return reading;
  }

  async #read(sinceVersion: number | null): Promise<PresenceRead | null> {
    const version = this.#version;
    if (sinceVersion === version) {
      return null;
    }
    if (sinceVersion === null || sinceVersion < this.#diffsFrom) {
      const users = await this.#views([...this.#users.values()]);
      return { version, frame: { kind: "snapshot", version, users } };
    }
    const kinds = new Map<string, "joined" | "updated">();
    for (const change of this.#changes) {
      if (change.version > sinceVersion) {
        const isJoin = change.kind === "join" || kinds.get(change.userId) === "joined";
        kinds.set(change.userId, isJoin ? "joined" : "updated");
      }
    }
    const present = [...kinds.keys()].flatMap((id) => this.#users.get(id) ?? []);
    const leaves = [...kinds.keys()].filter((id) => !this.#users.has(id));
    const views = await this.#views(present);
    const joins = views.filter(({ user }) => kinds.get(user.id) === "joined");
    const updates = views.filter(({ user }) => kinds.get(user.id) === "updated");
    return { version, frame: { kind: "diff", version, joins, leaves, updates } };
  }

  close(): void {
    this.#ending.abort();
  }

  async #run(presence: Presence, room: string, started: PromiseWithResolvers<void>): Promise<void> {
    const { signal } = this.#ending;
    let hasStarted = false;
    while (!signal.aborted) {
      try {
        for await (const event of presence.onChange(room, { signal })) {
          this.#apply(event);
          hasStarted = true;
          started.resolve();
        }
        // The primitive was closed.
        return;
      } catch (error) {
        if (!hasStarted) {
          throw error;
        }
        this.#deps.log.warn({ err: error }, "live: presence is followed again");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  #apply(event: PresenceEvent): void {
    this.#version += 1;
    this.#reads.clear();
    if (event.type === "snapshot") {
      this.#users.clear();
      for (const user of event.users) {
        this.#users.set(user.userId, user);
      }
      this.#changes = [];
      this.#diffsFrom = this.#version;
    } else {
      if (event.type === "leave") {
        this.#users.delete(event.userId);
      } else {
        this.#users.set(event.userId, event.user);
      }
      this.#changes.push({ version: this.#version, kind: event.type, userId: event.userId });
      const dropped = this.#changes.length > MOST_CHANGES ? this.#changes.shift() : undefined;
      this.#diffsFrom = dropped?.version ?? this.#diffsFrom;
    }
    for (const wake of this.#wakes) {
      wake();
    }
  }

  /** Members whose account is gone are left out. */
  async #views(present: readonly RedisPresenceUser[]): Promise<PresenceUser[]> {
    return await viewPresence(this.#deps, present);
  }
}

/** Who is present, with who they are, from one query. */
export async function viewPresence(
  deps: Pick<AppDeps, "db">,
  present: readonly RedisPresenceUser[],
): Promise<PresenceUser[]> {
  if (present.length === 0) {
    return [];
  }
  const rows = await deps.db.read((tx) => userQueries.listByIds(tx, present.map(({ userId }) => userId)));
  const byId = new Map(rows.map((row) => [row.id, toUserView(row)]));
  return present.flatMap(({ userId, state, connections, sinceMs }) => {
    const user = byId.get(userId);
    return user === undefined ? [] : [{ user, state, connections, sinceMs }];
  });
}
