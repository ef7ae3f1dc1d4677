import type { KeyDefinition } from "../key-definition.ts";

export const sessionKeys: readonly KeyDefinition[] = [
  {
    area: "session",
    kind: "user",
    example: (keys) => keys.session.ofUser("42"),
    type: "hash",
    ttl: "when the last of its sessions ends; 10 s where it holds only a ticket",
    role: "state",
    holds: "all sessions of a user by id, pointers from rotated secrets, and the ticket to restore from the record",
  },
  {
    area: "session",
    kind: "revocations",
    example: (keys) => keys.session.revocations(),
    type: "channel",
    ttl: "none: a channel",
    role: "state",
    holds: "revoked sessions, so that other processes cut their streams",
  },
];
