import type { KeyDefinition } from "../key-definition.ts";

export const leaderboardKeys: readonly KeyDefinition[] = [
  {
    area: "leaderboard",
    kind: "scores",
    example: (keys) => keys.leaderboard.scores("arena", "all"),
    type: "zset",
    ttl: "permanent for the all-time period (the board itself, rebuilt from the ledger); else the period's end plus its keep time",
    role: "state",
    holds: "tie-breaking member → score",
  },
  {
    area: "leaderboard",
    kind: "members",
    example: (keys) => keys.leaderboard.members("arena", "all"),
    type: "hash",
    ttl: "as scores",
    role: "state",
    holds: "member → its tie-breaking member in the scores",
  },
  {
    area: "leaderboard",
    kind: "version",
    example: (keys) => keys.leaderboard.version("arena", "all"),
    type: "string",
    ttl: "as scores",
    role: "state",
    holds: "version of the board and the next tie-breaking number",
  },
  {
    area: "leaderboard",
    kind: "operation",
    example: (keys) => keys.leaderboard.operation("arena", "0197"),
    type: "string",
    ttl: "24 hours",
    role: "state",
    holds: "the answer given to an operation id, so that a resend changes nothing",
  },
  {
    area: "leaderboard",
    kind: "events",
    example: (keys) => keys.leaderboard.events("arena"),
    type: "channel",
    ttl: "none: a channel",
    role: "state",
    holds: "changed periods and their versions",
  },
];
