import { randomUUID } from "node:crypto";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
// Declares what `inject("redisUrl")` is.
import "@cardinal/dev";
import { migrate, openDatabase, seedDatabase } from "@cardinal/db";
import { pino } from "pino";
import { afterAll } from "vitest";
import { type ServerConfig, toConfig } from "../../src/config.ts";
import { readEnv } from "../../src/env.ts";
import type { ServerOverrides } from "../../src/server-context.ts";
import { type RunningServer, startServer } from "../../src/start-server.ts";
import { TestClient } from "./test-client.ts";

export interface TestServerOptions {
  /** Usually `inject("redisUrl")`. */
  readonly redisUrl: string;
  /** Variables of the environment, over those a test needs. */
  readonly env?: Readonly<Record<string, string>>;
  readonly overrides?: ServerOverrides;
  /** Joins another test server's database and key prefix: two processes of one installation. */
  readonly besides?: Pick<TestServer, "databasePath" | "prefix">;
  /** The built web app. Default: none. */
  readonly webRoot?: string;
  /** Where to listen. Default: a free port of this machine. */
  readonly listen?: ServerConfig["listen"];
  /** Waits until the boards were rebuilt, hence for Redis. Default true. */
  readonly awaitBoards?: boolean;
}

export interface TestServer extends AsyncDisposable {
  readonly server: RunningServer;
  readonly url: string;
  readonly prefix: string;
  readonly databasePath: string;
  /** A visitor with a cookie jar of his own, whose requests come from the public origin. */
  newClient(): TestClient;
  /** A visitor who signed in with a seeded login. */
  signedInClient(username: string): Promise<TestClient>;
}

/**
 * A real server on a free port, with the seeded data in a database of its own and a key prefix of its own.
 * What it wrote to Redis carries TTLs, or goes with the test run's Redis.
 */
export async function createTestServer(options: TestServerOptions): Promise<TestServer> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "cardinal-server-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const databasePath = options.besides?.databasePath ?? join(folder, "cardinal.db");
  const prefix = options.besides?.prefix ?? `test-${randomUUID().slice(0, 8)}`;
  if (options.besides === undefined) {
    await copyFile(await seededDatabase(), databasePath);
  }
  const env = readEnv({
    NODE_ENV: "test",
    DATABASE_PATH: databasePath,
    REDIS_URL: options.redisUrl,
    KEY_PREFIX: prefix,
    LOG_LEVEL: "silent",
    ...options.env,
  });
  const config = toConfig(env, "0.0.0-test");
  const server = await startServer(
    // Port 0 is the system's choice; the environment knows no such port.
    {
      ...config,
      listen: options.listen ?? { ...config.listen, host: "127.0.0.1", port: 0 },
      webRoot: options.webRoot ?? join(folder, "no-web-app"),
    },
    { log: pino({ level: "silent" }), ...options.overrides },
  );
  opening.defer(() => server.stop(1_000));
  if (options.awaitBoards ?? true) {
    await server.boardsReady;
  }
  const opened = opening.move();
  const newClient = () => new TestClient(server.url, config.api.allowedOrigins[0] ?? server.url);
  return {
    server,
    url: server.url,
    prefix,
    databasePath,
    newClient,
    async signedInClient(username) {
      const client = newClient();
      await client.signIn(username);
      return client;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

let template: Promise<string> | undefined;
let templateFolder: string | undefined;

afterAll(async () => {
  if (templateFolder !== undefined) {
    await rm(templateFolder, { recursive: true, force: true });
  }
});

/** Seeding takes a while, so each test file does it once and copies the file. */
function seededDatabase(): Promise<string> {
  template ??= (async () => {
    templateFolder = await mkdtemp(join(tmpdir(), "cardinal-seed-"));
    const path = join(templateFolder, "seeded.db");
    await migrate(path);
    await using db = openDatabase({ path });
    await seedDatabase(db);
    return path;
  })();
  return template;
}
