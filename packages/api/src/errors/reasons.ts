/**
 * Every stable domain code an error of this API may carry in `error.data.reason`. Programs branch on these;
 * the texts beside them may change.
 */
export const REASONS = [
  "INVALID_INPUT",
  "MESSAGE_EMPTY",
  "MESSAGE_TOO_LONG",
  "NOT_AN_EMOJI",
  "MALFORMED_CURSOR",
  "PASSWORD_TOO_SHORT",
  "PASSWORD_TOO_LONG",
  "PASSWORD_TOO_COMMON",
  "NOT_SIGNED_IN",
  "SESSION_EXPIRED",
  "WRONG_CREDENTIALS",
  "SIGN_IN_BUSY",
  "EMAIL_TAKEN",
  "USERNAME_TAKEN",
  "ORIGIN_REFUSED",
  "RATE_LIMITED",
  "ROOM_NOT_FOUND",
  "NOT_A_MEMBER",
  "MESSAGE_NOT_FOUND",
  "NOT_YOUR_MESSAGE",
  "TOO_MANY_REACTIONS",
  "USER_NOT_FOUND",
  "BOARD_NOT_FOUND",
  "POST_NOT_FOUND",
  "NOT_THE_AUTHOR",
  "JOB_NOT_FOUND",
  "OPERATION_REUSED",
  "PROCEDURE_NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "PAYLOAD_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "REDIS_UNAVAILABLE",
  "DATABASE_BUSY",
  "INTERNAL",
] as const;

export type Reason = (typeof REASONS)[number];
