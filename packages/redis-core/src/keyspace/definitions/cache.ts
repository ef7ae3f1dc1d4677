import type { KeyDefinition } from "../key-definition.ts";

export const cacheKeys: readonly KeyDefinition[] = [
  {
    area: "cache",
    kind: "entry",
    example: (keys) => keys.cache.entry("user.1", 0, "1.2", "42"),
    type: "string",
    ttl: "the entry's ttl plus its grace",
    role: "cache",
    holds: "header (epoch, seq, times, tags) and encoded value, by the version of the values and the format of the header; the namespace is `name.buckets`",
  },
  {
    area: "cache",
    kind: "lease",
    example: (keys) => keys.cache.lease("user.1", 0, "1.2", "42"),
    type: "string",
    ttl: "3 s, renewed while the loader runs; `backOff` (1 s) after a failed refresh",
    role: "cache",
    holds: "who loads the entry, the seq when he began, and whether somebody waits",
  },
  {
    area: "cache",
    kind: "meta",
    example: (keys) => keys.cache.meta("user.1", 0),
    type: "zset",
    ttl: "never shorter than any entry of the bucket, moved by writes",
    role: "cache",
    holds: "tag → seq, the bucket's seq, its floor and its epoch; its loss is a new epoch, hence a miss",
  },
  {
    area: "cache",
    kind: "events",
    example: (keys) => keys.cache.events("user.1"),
    type: "channel",
    ttl: "none: a channel",
    role: "cache",
    holds: "invalidations as (bucket, epoch, seq), and wake-ups of those who wait for a load",
  },
];
