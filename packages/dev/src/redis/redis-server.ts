import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../ports/free-port.ts";
import { askRedis } from "./ask-redis.ts";
import { findRedisServer } from "./find-redis-server.ts";
import { type GuardedProcess, startGuarded } from "./guarded-process.ts";

export interface ServerOptions {
  port: number;
  /** Kept; where absent, a private folder that is removed at the end. */
  dir?: string;
  /** Lines of redis.conf, after the ones below. */
  config: readonly string[];
  sentinel?: boolean;
}

export interface RunningServer extends GuardedProcess {
  readonly port: number;
  readonly dir: string;
}

/** The port could not be bound. */
export class PortTaken extends Error {
  override readonly name = "PortTaken";
  readonly code = "PORT_TAKEN";
  readonly port: number;

  constructor(port: number, log: string) {
    super(`redis-server could not bind port ${port}:\n${log}`);
    this.port = port;
  }
}

const startDeadlineMs = 15_000;

/** Starts one redis-server on 127.0.0.1 and resolves when it answers. Rejects with PortTaken or its log. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const program = await findRedisServer();
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "cardinal-redis-"));
  mkdirSync(dir, { recursive: true });
  const configPath = join(dir, "redis.conf");
  const lines = ["bind 127.0.0.1", `port ${options.port}`, `dir "${dir}"`, "daemonize no", ...options.config];
  writeFileSync(configPath, `${lines.join("\n")}\n`);

  const server = await startGuarded({
    command: program.path,
    args: [configPath, ...(options.sentinel === true ? ["--sentinel"] : [])],
    env: program.env,
    logPath: join(dir, "redis.log"),
    ...(options.dir === undefined ? { removeFolder: dir } : {}),
  });
  await answering(server, options.port);
  return { ...server, port: options.port, dir };
}

/** Runs `start` with free ports until the servers got theirs, five times at most. */
export async function onFreePorts<T>(count: number, start: (ports: number[]) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const ports = await Promise.all(Array.from({ length: count }, freePort));
    try {
      return await start(ports);
    } catch (error) {
      if (!(error instanceof PortTaken) || attempt === 5) throw error;
    }
  }
}

/** Waits until this very server answers: another program may have been quicker to take the port. */
async function answering(server: GuardedProcess, port: number): Promise<void> {
  const deadline = performance.now() + startDeadlineMs;
  for (;;) {
    const info = await askRedis({ host: "127.0.0.1", port }, ["INFO", "server"]).catch(() => "");
    if (typeof info === "string" && info.includes(`process_id:${server.pid}\r`)) return;
    const log = server.logTail();
    if (server.hasExited()) {
      if (/Address already in use|Could not create server TCP listening|Failed listening/i.test(log)) {
        throw new PortTaken(port, log);
      }
      throw new Error(`redis-server ended at once:\n${log}`);
    }
    if (performance.now() > deadline) {
      await server.stop(0);
      throw new Error(
        `redis-server did not answer on port ${port} within ${startDeadlineMs / 1000} s:\n${log}`,
      );
    }
    await delay(15);
  }
}
