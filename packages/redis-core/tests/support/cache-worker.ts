/** A process with a connection of its own that reads and changes caches as it is told, and says what it saw. */
import { connectRedis } from "@cardinal/redis-core/connection";
import { setTimeout as delay } from "node:timers/promises";
import { createRedisCore } from "../../src/core.ts";
import type { Cache } from "../../src/cache/index.ts";
import { CacheAside } from "../naive/cache-aside.ts";

/** One step of a history: what to do, after how long a pause. */
export interface CacheStep {
  readonly kind: "read" | "readMany" | "delete" | "tags" | "clear";
  readonly key: string;
  readonly pauseMs: number;
  readonly loadMs: number;
}

/** What was done, between two moments of the machine's one monotonic clock. */
export interface CacheEvent {
  readonly kind: "read" | "load" | "change";
  readonly key: string;
  readonly fromNs: bigint;
  readonly toNs: bigint;
  /** Of a read, the version it got; of a change, the one it made. */
  readonly version: number;
  /** Of a load, when its reader asked: the lease was taken after that. */
  readonly askedNs?: bigint;
}

export interface CacheCommand {
  readonly do: "set" | "look" | "invalidate" | "expireTags" | "expire" | "delete" | "clear";
  readonly namespace: string;
  readonly key?: string;
  readonly value?: number;
  readonly tags?: readonly string[];
}

export type CacheRequest =
  | { readonly kind: "history"; readonly namespace: string; readonly keys: readonly string[]; readonly steps: readonly CacheStep[] }
  | { readonly kind: "command"; readonly command: CacheCommand }
  | { readonly kind: "storm"; readonly naive: boolean; readonly key: string; readonly callers: number };

const [url = "", prefix = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 10_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });

const caches = new Map<string, Cache<number>>();
function cacheOf(namespace: string): Cache<number> {
  const cache = caches.get(namespace) ?? core.cache<number>(namespace, { ttl: "5m", grace: "5m" });
  caches.set(namespace, cache);
  return cache;
}

/** The source: a version a key, in Redis so that all processes see the same. */
function source(namespace: string, key: string): string {
  return `${prefix}:source:${namespace}:${key}`;
}

async function readVersion(namespace: string, key: string): Promise<number> {
  return Number(await redis.port.command("GET", [source(namespace, key)], []));
}

async function raiseVersion(namespace: string, key: string): Promise<number> {
  const version = Number(await redis.port.command("INCR", [source(namespace, key)], []));
  await redis.port.command("PEXPIRE", [source(namespace, key)], [60_000]);
  return version;
}

async function runHistory(
  namespace: string,
  keys: readonly string[],
  steps: readonly CacheStep[],
): Promise<CacheEvent[]> {
  const cache = cacheOf(namespace);
  const events: CacheEvent[] = [];
  const tag = (key: string) => `tag-${key}`;
  const load = async (key: string, loadMs: number, askedNs: bigint) => {
    const fromNs = process.hrtime.bigint();
    const version = await readVersion(namespace, key);
    await delay(loadMs);
    events.push({ kind: "load", key, askedNs, fromNs, toNs: process.hrtime.bigint(), version });
    return version;
  };
  const read = (key: string, fromNs: bigint, version = Number.NaN) =>
    events.push({ kind: "read", key, fromNs, toNs: process.hrtime.bigint(), version });
  const run = async ({ kind, key, loadMs }: CacheStep) => {
    const fromNs = process.hrtime.bigint();
    if (kind === "read") {
      read(key, fromNs, await cache.getOrSet(key, () => load(key, loadMs, fromNs), { tags: [tag(key)] }));
      return;
    }
    if (kind === "readMany") {
      const loadMany = async (missing: readonly string[]) =>
        new Map(await Promise.all(missing.map(async (name) => [name, await load(name, loadMs, fromNs)] as const)));
      const found = await cache.getOrSetMany(keys, loadMany, { tags: (name) => [tag(name)] });
      keys.forEach((name) => read(name, fromNs, found.get(name)));
      return;
    }
    const touched = kind === "clear" ? keys : [key];
    const versions = await Promise.all(touched.map((name) => raiseVersion(namespace, name)));
    const changes = {
      delete: () => cache.delete(key),
      tags: () => cache.invalidateTags([tag(key)]),
      clear: () => cache.clear(),
    };
    await changes[kind]();
    for (const [index, name] of touched.entries()) {
      events.push({ kind: "change", key: name, fromNs, toNs: process.hrtime.bigint(), version: versions[index] ?? 0 });
    }
  };
  const running: Promise<void>[] = [];
  for (const step of steps) {
    await delay(step.pauseMs);
    running.push(run(step));
  }
  await Promise.all(running);
  return events;
}

async function obey({ do: what, namespace, key = "", value = 0, tags = [] }: CacheCommand): Promise<unknown> {
  const cache = cacheOf(namespace);
  const actions = {
    set: () => cache.set(key, value, { tags }),
    look: () => cache.getWithMeta(key),
    invalidate: () => cache.invalidateTags(tags),
    expireTags: () => cache.invalidateTags(tags, { mode: "expire" }),
    expire: () => cache.expire(key),
    delete: () => cache.delete(key),
    clear: () => cache.clear(),
  };
  return await actions[what]();
}

/** Many callers at once want a cold key; gives how often this process asked the source. */
async function storm(naive: boolean, key: string, callers: number): Promise<number> {
  const cache = naive ? new CacheAside(redis.port, `${prefix}:naive`) : cacheOf("storm");
  let loads = 0;
  const load = async () => {
    loads += 1;
    await delay(200);
    return 1;
  };
  await Promise.all(Array.from({ length: callers }, () => cache.getOrSet(key, load)));
  return loads;
}

process.on("message", (request: CacheRequest) => {
  const work = {
    history: () => request.kind === "history" && runHistory(request.namespace, request.keys, request.steps),
    command: () => request.kind === "command" && obey(request.command),
    storm: () => request.kind === "storm" && storm(request.naive, request.key, request.callers),
  };
  void Promise.resolve(work[request.kind]()).then((answer) => process.send?.(answer ?? null));
});
process.send?.("ready");
