import type { Keyspace } from "./keyspace.ts";

/** What an operator must know of one kind of key. `docs/redis-keys.md` is generated from these. */
export interface KeyDefinition {
  readonly area: Exclude<keyof Keyspace, "prefix" | "root">;
  readonly kind: string;
  readonly example: (keys: Keyspace) => string;
  readonly type: "string" | "hash" | "zset" | "stream" | "channel";
  /** When Redis drops it by itself; `"permanent"` needs the reason in `holds`. */
  readonly ttl: string;
  /** Keys of this kind with the example's last part may stay for ever. */
  readonly permanent?: true;
  readonly role: "state" | "cache";
  readonly holds: string;
}
