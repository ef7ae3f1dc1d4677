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
  RoomConnection,
} from "./presence-types.ts";
