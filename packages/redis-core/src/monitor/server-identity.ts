import type { RedisInfo } from "./redis-info.ts";

/** What answers. For people and logs: nothing in the library depends on it, abilities are asked for. */
export interface ServerIdentity {
  readonly flavour: "redis" | "valkey" | "keydb" | "dragonfly" | "upstash" | "unknown";
  readonly version: string | null;
  /** `standalone`, `cluster` or `sentinel`, as the server says. */
  readonly mode: string | null;
  readonly uptimeSeconds: number | null;
}

/** Forks keep answering a `redis_version` of their own choice, so their own fields are looked at first. */
export function describeServer(info: RedisInfo): ServerIdentity {
  const uptime = Number(info.get("uptime_in_seconds") ?? Number.NaN);
  return {
    ...flavourOf(info),
    mode: info.get("server_mode") ?? info.get("redis_mode") ?? null,
    uptimeSeconds: Number.isNaN(uptime) ? null : uptime,
  };
}

function flavourOf(info: RedisInfo): Pick<ServerIdentity, "flavour" | "version"> {
  const redisVersion = info.get("redis_version") ?? null;
  if (info.has("valkey_version") || info.get("server_name") === "valkey") {
    return { flavour: "valkey", version: info.get("valkey_version") ?? redisVersion };
  }
  if (info.has("dragonfly_version")) {
    return { flavour: "dragonfly", version: info.get("dragonfly_version") ?? null };
  }
  if (info.has("upstash_version")) {
    return { flavour: "upstash", version: info.get("upstash_version") ?? null };
  }
  if (info.has("mvcc_depth") || /keydb/i.test(info.get("executable") ?? "")) {
    return { flavour: "keydb", version: redisVersion };
  }
  return { flavour: redisVersion === null ? "unknown" : "redis", version: redisVersion };
}
