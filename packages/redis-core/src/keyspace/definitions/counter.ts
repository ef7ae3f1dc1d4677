import type { KeyDefinition } from "../key-definition.ts";

export const counterKeys: readonly KeyDefinition[] = [
  {
    area: "counter",
    kind: "values",
    example: (keys) => keys.counter.values("post-views"),
    type: "zset",
    ttl: "the counter's keep time after the last increment",
    role: "state",
    holds: "item → count",
  },
  {
    area: "counter",
    kind: "seen",
    example: (keys) => keys.counter.seen("post-views", "42", "ada"),
    type: "string",
    ttl: "the dedupe window",
    role: "state",
    holds: "that this viewer was counted",
  },
  {
    area: "counter",
    kind: "operation",
    example: (keys) => keys.counter.operation("post-views", "0197"),
    type: "string",
    ttl: "24 hours",
    role: "state",
    holds: "the answer given to an operation id",
  },
];
