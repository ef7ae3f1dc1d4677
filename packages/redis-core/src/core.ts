import { type Analytics, type AnalyticsOptions, createAnalytics } from "./analytics/index.ts";
import { type Cache, type CacheOptions, createCache } from "./cache/index.ts";
import {
  type Channel,
  type ChannelOptions,
  createChannel,
  createReplayChannel,
  type ReplayChannel,
  type ReplayChannelOptions,
} from "./channel/index.ts";
import { type Clock, serverClock } from "./clock.ts";
import type { CoreContext, EpochStore } from "./context.ts";
import { type Counter, type CounterOptions, createCounter } from "./counter/index.ts";
import { createKeyspace, type Keyspace } from "./keyspace/keyspace.ts";
import { createLeaderboard, type Leaderboard, type LeaderboardOptions } from "./leaderboard/index.ts";
import {
  createLock,
  createReadWriteLock,
  createSemaphore,
  type FairLockOptions,
  type Lock,
  type LockOptions,
  type ReadWriteLock,
  type Semaphore,
  type SemaphoreOptions,
} from "./locks/index.ts";
import { countRoundTrips } from "./monitor/count-round-trips.ts";
import { createMonitor, type Monitor, type MonitorOptions } from "./monitor/index.ts";
import type { RedisPort } from "./port.ts";
import { createPresence, type Presence, type PresenceOptions } from "./presence/index.ts";
import { createLimiter, type Limiter, type LimiterOptions, type LimitRules } from "./rate-limit/index.ts";
import { gatherCalls } from "./script/gather-calls.ts";
import { createSessions, type Sessions, type SessionsOptions } from "./sessions/index.ts";
import { noTelemetry, type Telemetry } from "./telemetry.ts";

export interface RedisCoreOptions {
  /** Redis in its role `state`: sessions, locks, limits, presence, boards. Should never evict. */
  readonly redis: RedisPort;
  /** Redis in its role `cache`, which may evict. Default: the same. */
  readonly cacheRedis?: RedisPort;
  /** First part of every key. 1 to 64 letters, digits, `_`, `.` or `-`. */
  readonly prefix: string;
  /** A floor for fencing tokens that survives the loss of Redis. */
  readonly epochStore?: EpochStore;
  readonly telemetry?: Telemetry;
  /** Only tests hand one in: production time is the Redis server's. */
  readonly clock?: Clock;
}

/** The primitives, all over the same Redis and key prefix. Each method makes one; none talks to Redis yet. */
export interface RedisCore {
  readonly keys: Keyspace;
  cache<T>(namespace: string, options: CacheOptions<T>): Cache<T>;
  sessions<Data>(options: SessionsOptions<Data>): Sessions<Data>;
  limiter<const R extends LimitRules>(name: string, rules: R, options?: LimiterOptions): Limiter<R>;
  lock(name: string | readonly string[], options?: FairLockOptions): Lock;
  rwLock(name: string, options?: LockOptions): ReadWriteLock;
  semaphore(name: string, options: SemaphoreOptions): Semaphore;
  channel<T>(name: string, options: ReplayChannelOptions<T>): ReplayChannel<T>;
  channel<T>(name: string, options?: ChannelOptions<T>): Channel<T>;
  presence<Meta = undefined>(options?: PresenceOptions<Meta>): Presence<Meta>;
  leaderboard<Meta = undefined>(name: string, options: LeaderboardOptions<Meta>): Leaderboard<Meta>;
  counter(name: string, options?: CounterOptions): Counter;
  analytics(site: string, options?: AnalyticsOptions): Analytics;
  monitor(options?: MonitorOptions): Monitor;
  /** Ends leases, watchers and subscriptions in reverse order. The ports stay the caller's to close. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Composes the library. It reads no environment and opens no connection but the subscriber its port is
 * handed the means to make.
 *
 * @example
 * const redis = connectRedis({ target: "redis://127.0.0.1:6379" });
 * await using core = createRedisCore({ redis: redis.port, prefix: "shop" });
 * const users = core.cache<User>("user", { ttl: "1h" });
 */
export function createRedisCore(options: RedisCoreOptions): RedisCore {
  const closers: (() => Promise<void> | void)[] = [];
  const keys = createKeyspace(options.prefix);
  const { redis, cacheRedis = redis, telemetry } = options;
  /** What leaves for Redis is counted as it leaves: gathered calls are one. */
  const open = (port: RedisPort, role: "state" | "cache") =>
    gatherCalls(telemetry === undefined ? port : countRoundTrips({ port, role, keys, telemetry }));
  const state = open(redis, "state");
  const context: CoreContext = {
    state,
    cache: cacheRedis === redis ? state : open(cacheRedis, "cache"),
    keys,
    clock: options.clock ?? serverClock,
    telemetry: telemetry ?? noTelemetry,
    epochStore: options.epochStore,
    onClose: (close) => closers.push(close),
  };
  const close = async () => {
    for (const step of closers.splice(0).toReversed()) {
      await step();
    }
  };
  function channel<T>(name: string, channelOptions: ReplayChannelOptions<T>): ReplayChannel<T>;
  function channel<T>(name: string, channelOptions?: ChannelOptions<T>): Channel<T>;
  function channel<T>(name: string, channelOptions: ChannelOptions<T> | ReplayChannelOptions<T> = {}) {
    return channelOptions.delivery === "replay"
      ? createReplayChannel(context, name, channelOptions)
      : createChannel(context, name, channelOptions);
  }
  return {
    keys,
    cache: (namespace, cacheOptions) => createCache(context, namespace, cacheOptions),
    sessions: (sessionOptions) => createSessions(context, sessionOptions),
    limiter: (name, rules, limiterOptions) => createLimiter(context, name, rules, limiterOptions),
    lock: (name, lockOptions) => createLock(context, name, lockOptions),
    rwLock: (name, lockOptions) => createReadWriteLock(context, name, lockOptions),
    semaphore: (name, semaphoreOptions) => createSemaphore(context, name, semaphoreOptions),
    channel,
    presence: (presenceOptions) => createPresence(context, presenceOptions),
    leaderboard: (name, boardOptions) => createLeaderboard(context, name, boardOptions),
    counter: (name, counterOptions) => createCounter(context, name, counterOptions),
    analytics: (site, analyticsOptions) => createAnalytics(context, site, analyticsOptions),
    monitor: (monitorOptions) => createMonitor(context, monitorOptions),
    close,
    [Symbol.asyncDispose]: close,
  };
}
