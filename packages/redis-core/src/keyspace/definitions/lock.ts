import type { KeyDefinition } from "../key-definition.ts";

export const lockKeys: readonly KeyDefinition[] = [
  {
    area: "lock",
    kind: "lease",
    example: (keys) => keys.lock.lease("invoice-42"),
    type: "string",
    ttl: "the lease",
    role: "state",
    holds: "the holder's token and its fencing token",
  },
  {
    area: "lock",
    kind: "fence",
    example: (keys) => keys.lock.fence("invoice-42"),
    type: "string",
    ttl: "30 days after the last grant; the server's time in µs is the floor, so a lost one never goes back",
    role: "state",
    holds: "the last fencing token granted",
  },
  {
    area: "lock",
    kind: "waiters",
    example: (keys) => keys.lock.waiters("invoice-42"),
    type: "zset",
    ttl: "the longest wait",
    role: "state",
    holds: "who waits, so that a release publishes only when somebody does",
  },
  {
    area: "lock",
    kind: "queue",
    example: (keys) => keys.lock.queue("invoice-42"),
    type: "zset",
    ttl: "3 s after the last look of a waiter",
    role: "state",
    holds: "who waits for a fair lock, in the order they came",
  },
  {
    area: "lock",
    kind: "released",
    example: (keys) => keys.lock.released("invoice-42"),
    type: "channel",
    ttl: "none: a channel",
    role: "state",
    holds: "a wake-up for waiters",
  },
];
