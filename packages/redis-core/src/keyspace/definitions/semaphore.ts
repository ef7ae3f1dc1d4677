import type { KeyDefinition } from "../key-definition.ts";

export const semaphoreKeys: readonly KeyDefinition[] = [
  {
    area: "semaphore",
    kind: "holders",
    example: (keys) => keys.semaphore.holders("encoder"),
    type: "zset",
    ttl: "the longest of the leases",
    role: "state",
    holds: "holder → end of its lease; ended ones are dropped by the next attempt",
  },
  {
    area: "semaphore",
    kind: "past",
    example: (keys) => keys.semaphore.past("encoder"),
    type: "zset",
    ttl: "10 s after the last release, 60 s after an attempt was given up",
    role: "state",
    holds: "holders that gave back lately, so that a release asked for twice answers the same, and attempts given up",
  },
  {
    area: "semaphore",
    kind: "fence",
    example: (keys) => keys.semaphore.fence("encoder"),
    type: "string",
    ttl: "30 days after the last grant; the server's time in µs is the floor, so a lost one never goes back",
    role: "state",
    holds: "the last token granted",
  },
  {
    area: "semaphore",
    kind: "waiters",
    example: (keys) => keys.semaphore.waiters("encoder"),
    type: "zset",
    ttl: "the longest wait",
    role: "state",
    holds: "who waits, so that a release publishes only when somebody does",
  },
  {
    area: "semaphore",
    kind: "released",
    example: (keys) => keys.semaphore.released("encoder"),
    type: "channel",
    ttl: "none: a channel",
    role: "state",
    holds: "a wake-up for waiters",
  },
];
