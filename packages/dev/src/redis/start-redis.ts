import { PortTaken, onFreePorts, startServer } from "./redis-server.ts";

export interface StartRedisOptions {
  /** A fixed port; by default a free one. */
  port?: number;
  /** A folder for the data that is kept; by default a private one that is removed. */
  dir?: string;
  /** Append-only file, synced every second. Off by default: the data is gone when the server ends. */
  appendonly?: boolean;
  /** Further lines of redis.conf, e.g. `"maxmemory 10mb"`, `"enable-debug-command local"`. */
  config?: readonly string[];
}

export interface RunningRedis {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Its folder: configuration, log and data. */
  readonly dir: string;
  /** Settles when the server has ended, whatever ended it. */
  readonly exited: Promise<void>;
  hasExited(): boolean;
  /** Ends it and removes the folder unless `dir` was given. May be called twice. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a Redis of our own on 127.0.0.1 and resolves when it answers. Everything it writes is in its own
 * folder. It ends with this process, however that ends, kill -9 included. Policy `noeviction`, no snapshots.
 *
 *     await using redis = await startRedis();
 *     const client = new Redis(redis.url);
 *
 * Rejects when no redis-server can be found (see `findRedisServer`), when the given port is taken, or, with
 * the end of the log, when Redis refuses its configuration.
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<RunningRedis> {
  const config = [
    'save ""',
    `appendonly ${options.appendonly === true ? "yes" : "no"}`,
    "maxmemory-policy noeviction",
    ...(options.config ?? []),
  ];
  const dir = options.dir === undefined ? {} : { dir: options.dir };
  const server =
    options.port === undefined
      ? await onFreePorts(1, ([port = 0]) => startServer({ port, config, ...dir }))
      : await startServer({ port: options.port, config, ...dir });
  const stop = () => server.stop();
  return {
    url: `redis://127.0.0.1:${server.port}`,
    host: "127.0.0.1",
    port: server.port,
    pid: server.pid,
    dir: server.dir,
    exited: server.exited,
    hasExited: server.hasExited,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

export { PortTaken };
