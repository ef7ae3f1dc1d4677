export { createSessions } from "./create-sessions.ts";
export { SessionLimitReached } from "./session-errors.ts";
export type {
  OnMaxSessions,
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
  VerifiedSession,
} from "./sessions.ts";
