import type { KeyDefinition } from "../key-definition.ts";

export const lockKeys: readonly KeyDefinition[] = [
  {
    area: "lock",
    kind: "state",
    example: (keys) => keys.lock.state("invoice-42"),
    type: "string",
    ttl: "30 days after the last grant; the server's time in µs is the floor, so a lost token never goes back",
    role: "state",
    holds:
      "end of the lease, until when somebody waits, fencing token, until when given-up attempts count, holder, given-up attempts; the channel of the same name tells waiters of a release",
  },
  {
    area: "lock",
    kind: "waiters",
    example: (keys) => keys.lock.waiters("invoice-42"),
    type: "zset",
    ttl: "3 s after the last look of a waiter",
    role: "state",
    holds: "waiter for a fair lock → end of its place",
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
];
