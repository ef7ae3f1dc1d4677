import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCardinalClient } from "@cardinal/client";
import { type Database, DEMO_PASSWORD, migrate, openDatabase, seedDatabase, userQueries } from "@cardinal/db";
import { freePort, type RunningRedis, startPubSubProxy, startRedis } from "@cardinal/dev";
import { ServerPlace } from "./server-place.ts";
import type { ServerOptions } from "./server-process.ts";

const DEFAULT_MEMBERS = ["ada", "bo", "cy", "di", "emeka", "farah"];

export interface WorldOptions extends Partial<Pick<ServerOptions, "checkEveryMs" | "lingerMs" | "graceMs">> {
  readonly servers?: number;
  readonly members?: readonly string[];
}

export interface Member {
  readonly id: string;
  readonly token: string;
}

/** One installation: a Redis, a SQLite file, several server processes, and members who are signed in. */
export class World implements AsyncDisposable {
  readonly db: Database;
  readonly places: readonly ServerPlace[];
  readonly members: Member[] = [];
  readonly #closing: AsyncDisposableStack;
  #redis: RunningRedis;
  #isRestarting = false;

  private constructor(
    parts: { db: Database; places: readonly ServerPlace[]; redis: RunningRedis },
    closing: AsyncDisposableStack,
  ) {
    this.db = parts.db;
    this.places = parts.places;
    this.#redis = parts.redis;
    this.#closing = closing;
  }

  static async create(options: WorldOptions = {}): Promise<World> {
    await using opening = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "cardinal-chaos-"));
    opening.defer(() => rm(folder, { recursive: true, force: true }));
    const databasePath = join(folder, "cardinal.db");
    await migrate(databasePath);
    const db = opening.use(openDatabase({ path: databasePath }));
    await seedDatabase(db);
    const redis = await startRedis();
    const { checkEveryMs = 400, lingerMs = 1_000, graceMs = 3_000, servers = 3 } = options;
    const env = { NODE_ENV: "test", LOG_LEVEL: "silent", DATABASE_PATH: databasePath, KEY_PREFIX: "chaos" };
    const places = await Promise.all(
      Array.from({ length: servers }, async () => {
        const toRedis = opening.use(await startPubSubProxy({ target: redis }));
        return new ServerPlace({ port: await freePort(), env, checkEveryMs, lingerMs, graceMs }, toRedis);
      }),
    );
    const world = new World({ db, places, redis }, opening.move());
    try {
      await Promise.all(places.map((place) => place.start()));
      for (const username of options.members ?? DEFAULT_MEMBERS) {
        world.members.push(await world.#signIn(username));
      }
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
    return world;
  }

  get redis(): RunningRedis {
    return this.#redis;
  }

  /** Ports that a new connection may go to. */
  ports(): number[] {
    return this.places.filter(({ isUp }) => isUp).map(({ port }) => port);
  }

  member(index: number): Member {
    const member = this.members[index % this.members.length];
    if (!member) throw new RangeError("a world without members");
    return member;
  }

  place(index: number): ServerPlace {
    const place = this.places[index % this.places.length];
    if (!place) throw new RangeError("a world without servers");
    return place;
  }

  /** Kill -9, and after a while an empty Redis on the same port. Does nothing while that is under way. */
  async restartRedis(awayMs: number): Promise<void> {
    if (this.#isRestarting) return;
    this.#isRestarting = true;
    const { port, pid, exited } = this.#redis;
    process.kill(pid, "SIGKILL");
    await exited;
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    this.#redis = await startRedis({ port });
    this.#isRestarting = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.places.map((place) => place.stop()));
    await this.#closing.disposeAsync();
    await this.#redis.stop();
  }

  async #signIn(username: string): Promise<Member> {
    using client = createCardinalClient({ url: this.place(0).url });
    const { token = "" } = await client.trpc.auth.signIn.mutate({
      login: username,
      password: DEMO_PASSWORD,
      issueToken: true,
    });
    const user = await this.db.read((tx) => userQueries.findByUsername(tx, username));
    return { id: user?.id ?? "", token };
  }
}
