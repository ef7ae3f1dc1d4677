import type { KeyDefinition } from "../key-definition.ts";

export const channelKeys: readonly KeyDefinition[] = [
  {
    area: "channel",
    kind: "live",
    example: (keys) => keys.channel.live("orders"),
    type: "channel",
    ttl: "none: a channel",
    role: "state",
    holds: "messages, at most once",
  },
];
