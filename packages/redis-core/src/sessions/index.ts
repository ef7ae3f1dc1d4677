export { createSessions } from "./create-sessions.ts";
export type {
  PendingDrop,
  RevocationTarget,
  SessionRecord,
  SessionRecordStore,
} from "./session-record-store.ts";
export type {
  CreateSession,
  IssuedSession,
  Revocation,
  RevocationListening,
  Session,
  SessionDevice,
  Sessions,
  SessionsOptions,
  StopListening,
} from "./sessions.ts";
