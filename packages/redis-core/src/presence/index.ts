export { createPresence } from "./presence.ts";
export type {
  Presence,
  PresenceConnection,
  PresenceEvent,
  PresenceJoin,
  PresenceOptions,
  PresencePage,
  PresenceState,
  PresenceUser,
} from "./presence-types.ts";
