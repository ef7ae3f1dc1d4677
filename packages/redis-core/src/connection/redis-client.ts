import { Cluster, Redis, type RedisOptions } from "ioredis";
import { parseRedisUrl, type RedisAddress, type RedisTarget } from "./redis-target.ts";
import { SteadySentinelConnector } from "./steady-sentinel-connector.ts";

/**
 * What a connection is for; the settings differ.
 *
 * - `commands`: fails fast, resends nothing; the port adds deadlines.
 * - `subscriber`: waits for Redis, the port subscribes again by itself.
 * - `queue`: BullMQ producers, which fail fast.
 * - `worker`: BullMQ workers, whose blocking reads wait for ever.
 */
export type RedisPurpose = "commands" | "subscriber" | "queue" | "worker";

export interface RedisClientOptions {
  readonly target: RedisTarget | string;
  readonly purpose: RedisPurpose;
  /** Shown by CLIENT LIST. */
  readonly name?: string | undefined;
  /**
   * Where a Sentinel group or a Cluster announces addresses that cannot be reached from here (containers, NAT):
   * `"<host>:<port>"` as announced → where it is. Default none.
   */
  readonly natMap?: Readonly<Record<string, RedisAddress>> | undefined;
  /** False leaves the client unconnected until its first command or `connect()`. Default true. */
  readonly connectNow?: boolean | undefined;
  /**
   * Asked after a connection was lost or refused: false ends the client instead of trying again, and fails what
   * waits in it. (`disconnect()` between two tries does neither.)
   */
  readonly keepTrying?: (() => boolean) | undefined;
}

const firstRetryMs = 50;
const longestRetryMs = 500;

/** Between half and the whole of a doubling delay, at most 500 ms: fast to return, never in step. */
export function reconnectDelayMs(attempt: number): number {
  const ceiling = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempt - 1, 10));
  const jitter = Math.random() / 2;
  return Math.ceil(ceiling * (0.5 + jitter));
}

/** An ioredis client with the settings of its purpose. The caller handles its `error` events. */
export function createRedisClient(options: RedisClientOptions): Redis | Cluster {
  const target = typeof options.target === "string" ? parseRedisUrl(options.target) : options.target;
  const settings = settingsFor(target, options);
  const natMap = options.natMap === undefined ? {} : { natMap: { ...options.natMap } };
  switch (target.kind) {
    case "node":
      return new Redis({ ...settings, ...target.address, db: target.database });
    case "sentinel":
      return new Redis({
        ...settings,
        ...natMap,
        sentinels: [...target.sentinels],
        name: target.master,
        failoverDetector: true,
        Connector: SteadySentinelConnector,
        sentinelRetryStrategy: reconnectDelayMs,
        sentinelReconnectStrategy: () => 1_000,
        ...(target.password === undefined ? {} : { sentinelPassword: target.password }),
      });
    case "cluster":
      return new Cluster([...target.nodes], {
        ...natMap,
        redisOptions: settings,
        clusterRetryStrategy: settings.retryStrategy,
        enableOfflineQueue: waits(options.purpose),
        lazyConnect: options.connectNow === false,
        slotsRefreshTimeout: 2_000,
        // A command to a node that just died is not sent elsewhere by ioredis: the port decides.
        retryDelayOnFailover: 100,
      });
  }
}

function settingsFor(target: RedisTarget, options: RedisClientOptions) {
  const { purpose, name, connectNow = true, keepTrying = () => true } = options;
  return {
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls ? { tls: {} } : {}),
    ...(name === undefined ? {} : { connectionName: name }),
    // RESP 3 answers some commands in other shapes (ZRANGE … WITHSCORES in pairs); every port speaks RESP 2.
    protocol: 2,
    lazyConnect: !connectNow,
    connectTimeout: 2_000,
    enableAutoPipelining: false,
    retryStrategy: (attempt: number) => (keepTrying() ? reconnectDelayMs(attempt) : null),
    reconnectOnError: isReadonly,
    // BullMQ sets no deadlines of its own: without a resend a command whose reply was lost would never settle,
    // and its worker hang. Its scripts recognise a second run by the job's lock.
    autoResendUnfulfilledCommands: purpose === "worker",
    enableOfflineQueue: waits(purpose),
    maxRetriesPerRequest: purpose === "commands" || purpose === "queue" ? 0 : null,
    ...(purpose === "commands" ? { socketTimeout: 2_000 } : {}),
    ...(purpose === "queue" ? { commandTimeout: 5_000 } : {}),
    ...(purpose === "subscriber" ? { autoResubscribe: false } : {}),
  } satisfies RedisOptions;
}

/** A master that became a replica: reconnect, without sending the refused command again. */
function isReadonly(error: Error): boolean {
  return error.message.startsWith("READONLY");
}

function waits(purpose: RedisPurpose): boolean {
  return purpose === "subscriber" || purpose === "worker";
}
