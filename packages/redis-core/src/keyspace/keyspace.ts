import { Misuse } from "../errors.ts";
import { encodeKeySegment as seg } from "./key-segment.ts";

/**
 * Version of the keys' layout and of what the scripts keep in them. A change that old processes could
 * not read raises it, and both generations then live side by side during a deploy.
 */
export const layoutVersion = 2;

/**
 * Every key and channel of the library. This is the only file that spells one:
 * `<prefix>:v<layout>:<area>:<kind>:{<identity>}[:<part>]`, where all keys of one script share the braces.
 * `definitions/` says of each its type, TTL, owner and Redis role.
 */
export function createKeyspace(prefix: string) {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(prefix)) {
    throw new Misuse(`prefix must be 1 to 64 letters, digits, "_", "." or "-", got "${prefix}"`);
  }
  const root = `${prefix}:v${layoutVersion}`;
  return {
    prefix,
    root,
    cache: {
      entry: (namespace: string, bucket: number, version: string, key: string) =>
        `${root}:cache:entry:{${seg(namespace)}~${bucket}}:${seg(version)}:${seg(key)}`,
      lease: (namespace: string, bucket: number, version: string, key: string) =>
        `${root}:cache:lease:{${seg(namespace)}~${bucket}}:${seg(version)}:${seg(key)}`,
      meta: (namespace: string, bucket: number) => `${root}:cache:meta:{${seg(namespace)}~${bucket}}`,
      events: (namespace: string) => `${root}:cache:events:{${seg(namespace)}}`,
    },
    session: {
      ofUser: (userId: string) => `${root}:session:user:{${seg(userId)}}`,
      revocations: () => `${root}:session:revocations`,
    },
    limit: {
      state: (algorithm: string, identity: string, limiter: string, rule: string) =>
        `${root}:limit:${seg(algorithm)}:{${seg(identity)}}:${seg(limiter)}:${seg(rule)}`,
      control: (identity: string, limiter: string, rule: string) =>
        `${root}:limit:control:{${seg(identity)}}:${seg(limiter)}:${seg(rule)}`,
      queue: (identity: string, limiter: string) => `${root}:limit:queue:{${seg(identity)}}:${seg(limiter)}`,
      places: (identity: string, limiter: string) => `${root}:limit:places:{${seg(identity)}}:${seg(limiter)}`,
      overrides: (limiter: string) => `${root}:limit:overrides:{${seg(limiter)}}`,
      counts: (limiter: string, rule: string, hour: number) =>
        `${root}:limit:counts:{${seg(limiter)}}:${seg(rule)}:${seg(String(hour))}`,
      denied: (limiter: string, rule: string, hour: number) =>
        `${root}:limit:denied:{${seg(limiter)}}:${seg(rule)}:${seg(String(hour))}`,
    },
    lock: {
      state: (name: string) => `${root}:lock:state:{${seg(name)}}`,
      waiters: (name: string) => `${root}:lock:waiters:{${seg(name)}}`,
      queue: (name: string) => `${root}:lock:queue:{${seg(name)}}`,
    },
    rwlock: {
      holders: (name: string) => `${root}:rwlock:holders:{${seg(name)}}`,
      past: (name: string) => `${root}:rwlock:past:{${seg(name)}}`,
      fence: (name: string) => `${root}:rwlock:fence:{${seg(name)}}`,
      waiters: (name: string) => `${root}:rwlock:waiters:{${seg(name)}}`,
      writers: (name: string) => `${root}:rwlock:writers:{${seg(name)}}`,
      released: (name: string) => `${root}:rwlock:released:{${seg(name)}}`,
    },
    semaphore: {
      holders: (name: string) => `${root}:semaphore:holders:{${seg(name)}}`,
      past: (name: string) => `${root}:semaphore:past:{${seg(name)}}`,
      fence: (name: string) => `${root}:semaphore:fence:{${seg(name)}}`,
      waiters: (name: string) => `${root}:semaphore:waiters:{${seg(name)}}`,
      released: (name: string) => `${root}:semaphore:released:{${seg(name)}}`,
    },
    channel: {
      live: (name: string) => `${root}:channel:live:{${seg(name)}}`,
      stream: (name: string) => `${root}:channel:stream:{${seg(name)}}`,
      listening: (name: string) => `${root}:channel:listening:{${seg(name)}}`,
      doorbell: (name: string) => `${root}:channel:doorbell:{${seg(name)}}`,
      consumer: (name: string, consumer: string) =>
        `${root}:channel:consumer:{${seg(name)}}:${seg(consumer)}`,
      operation: (name: string, operationId: string) =>
        `${root}:channel:operation:{${seg(name)}}:${seg(operationId)}`,
    },
    presence: {
      connections: (room: string) => `${root}:presence:connections:{${seg(room)}}`,
      users: (room: string) => `${root}:presence:users:{${seg(room)}}`,
      order: (room: string) => `${root}:presence:order:{${seg(room)}}`,
      leaving: (room: string) => `${root}:presence:leaving:{${seg(room)}}`,
      fence: (room: string, incarnation: string) =>
        `${root}:presence:fence:{${seg(room)}}:${seg(incarnation)}`,
      version: (room: string) => `${root}:presence:version:{${seg(room)}}`,
      events: (room: string) => `${root}:presence:events:{${seg(room)}}`,
      process: (incarnation: string) => `${root}:presence:process:{${seg(incarnation)}}`,
      processes: () => `${root}:presence:processes:{all}`,
      roomsOfProcess: (incarnation: string) => `${root}:presence:process:{${seg(incarnation)}}:rooms`,
      claim: (incarnation: string) => `${root}:presence:process:{${seg(incarnation)}}:claim`,
      seen: (userId: string) => `${root}:presence:seen:{${seg(userId)}}`,
      roomsOfUser: (userId: string) => `${root}:presence:rooms:{${seg(userId)}}`,
    },
    leaderboard: {
      order: (board: string, period: string) => `${root}:leaderboard:order:{${seg(board)}}:${seg(period)}`,
      places: (board: string, period: string) => `${root}:leaderboard:places:{${seg(board)}}:${seg(period)}`,
      levels: (board: string, period: string) => `${root}:leaderboard:levels:{${seg(board)}}:${seg(period)}`,
      metadata: (board: string, period: string) =>
        `${root}:leaderboard:metadata:{${seg(board)}}:${seg(period)}`,
      final: (board: string, period: string) => `${root}:leaderboard:final:{${seg(board)}}:${seg(period)}`,
      archive: (board: string, period: string) => `${root}:leaderboard:archive:{${seg(board)}}:${seg(period)}`,
      operation: (board: string, operationId: string) =>
        `${root}:leaderboard:operation:{${seg(board)}}:${seg(operationId)}`,
      events: (board: string) => `${root}:leaderboard:events:{${seg(board)}}`,
    },
    counter: {
      values: (counter: string) => `${root}:counter:values:{${seg(counter)}}`,
      trend: (counter: string) => `${root}:counter:trend:{${seg(counter)}}`,
      touched: (counter: string) => `${root}:counter:touched:{${seg(counter)}}`,
      pending: (counter: string) => `${root}:counter:pending:{${seg(counter)}}`,
      claim: (counter: string) => `${root}:counter:claim:{${seg(counter)}}`,
      seen: (counter: string, item: string, viewer: string) =>
        `${root}:counter:seen:{${seg(counter)}}:${seg(item)}:${seg(viewer)}`,
      operation: (counter: string, operationId: string) =>
        `${root}:counter:operation:{${seg(counter)}}:${seg(operationId)}`,
    },
    analytics: {
      hour: (site: string, hour: string) => `${root}:analytics:hour:{${seg(site)}}:${seg(hour)}`,
      hourVisitors: (site: string, hour: string) =>
        `${root}:analytics:hour-visitors:{${seg(site)}}:${seg(hour)}`,
      day: (site: string, day: string) => `${root}:analytics:day:{${seg(site)}}:${seg(day)}`,
      dayVisitors: (site: string, day: string) => `${root}:analytics:day-visitors:{${seg(site)}}:${seg(day)}`,
      members: (site: string, day: string) => `${root}:analytics:members:{${seg(site)}}:${seg(day)}`,
      top: (site: string, day: string, dimension: string) =>
        `${root}:analytics:top:{${seg(site)}}:${seg(day)}:${seg(dimension)}`,
      missed: (site: string, day: string, dimension: string) =>
        `${root}:analytics:missed:{${seg(site)}}:${seg(day)}:${seg(dimension)}`,
      candidates: (site: string, day: string, dimension: string) =>
        `${root}:analytics:candidates:{${seg(site)}}:${seg(day)}:${seg(dimension)}`,
      pageHours: (site: string, day: string) => `${root}:analytics:page-hours:{${seg(site)}}:${seg(day)}`,
      pageVisitors: (site: string, day: string, page: string) =>
        `${root}:analytics:page-visitors:{${seg(site)}}:${seg(day)}:${seg(page)}`,
      evicted: (site: string, day: string) => `${root}:analytics:evicted:{${seg(site)}}:${seg(day)}`,
      visitor: (site: string, visitor: string) =>
        `${root}:analytics:visitor:{${seg(site)}}:${seg(visitor)}`,
      recent: (site: string, slice: string) => `${root}:analytics:recent:{${seg(site)}}:${seg(slice)}`,
      event: (site: string, id: string) => `${root}:analytics:event:{${seg(site)}}:${seg(id)}`,
      batch: (site: string, id: string) => `${root}:analytics:batch:{${seg(site)}}:${seg(id)}`,
      salt: (site: string, period: string) => `${root}:analytics:salt:{${seg(site)}}:${seg(period)}`,
    },
  } as const;
}

export type Keyspace = ReturnType<typeof createKeyspace>;
