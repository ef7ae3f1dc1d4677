import type { RateLimitState } from "./rate-limit-state.ts";
import type { Reason } from "./reasons.ts";

/**
 * Base of every refusal a use-case may throw. `reason` is stable; the message is for people and may be shown.
 * `error-codes.ts` says which tRPC code each becomes.
 */
export abstract class DomainError extends Error {
  abstract readonly reason: Reason;
}

/** Wrong login or wrong password: which of the two is never said. */
export class WrongCredentials extends DomainError {
  readonly reason = "WRONG_CREDENTIALS";
  constructor() {
    super("Login or password is wrong.");
  }
}

/** Too many passwords are being checked at this moment. */
export class SignInBusy extends DomainError {
  readonly reason = "SIGN_IN_BUSY";
  constructor() {
    super("Too many people are signing in. Try again in a few seconds.");
  }
}

export class EmailTaken extends DomainError {
  readonly reason = "EMAIL_TAKEN";
  constructor() {
    super("There is an account with this e-mail address already.");
  }
}

export class UsernameTaken extends DomainError {
  readonly reason = "USERNAME_TAKEN";
  constructor() {
    super("This username is taken.");
  }
}

export class PasswordTooCommon extends DomainError {
  readonly reason = "PASSWORD_TOO_COMMON";
  constructor(why: string) {
    super(`This password is too easy to guess: ${why}.`);
  }
}

export class NotSignedIn extends DomainError {
  readonly reason = "NOT_SIGNED_IN";
  constructor() {
    super("Sign in first.");
  }
}

export class SessionExpired extends DomainError {
  readonly reason = "SESSION_EXPIRED";
  constructor() {
    super("Your session has ended. Sign in again.");
  }
}

/** The request carries cookies, or asks for one, and does not prove that our own page sent it. */
export class OriginRefused extends DomainError {
  readonly reason = "ORIGIN_REFUSED";
  constructor() {
    super("Requests with cookies must come from this site: Origin or Sec-Fetch-Site is missing or foreign.");
  }
}

export class RateLimited extends DomainError {
  readonly reason = "RATE_LIMITED";
  readonly rateLimit: RateLimitState;
  constructor(rateLimit: RateLimitState) {
    super(`Too many requests. Try again in ${Math.max(1, Math.ceil(rateLimit.retryAfterMs / 1_000))} s.`);
    this.rateLimit = rateLimit;
  }
}

export class RoomNotFound extends DomainError {
  readonly reason = "ROOM_NOT_FOUND";
  constructor() {
    super("There is no such room.");
  }
}

export class NotAMember extends DomainError {
  readonly reason = "NOT_A_MEMBER";
  constructor() {
    super("Join this room first.");
  }
}

/** Never written, of a room the caller is not in, or deleted. */
export class MessageNotFound extends DomainError {
  readonly reason = "MESSAGE_NOT_FOUND";
  constructor() {
    super("There is no such message, or it was deleted.");
  }
}

export class NotYourMessage extends DomainError {
  readonly reason = "NOT_YOUR_MESSAGE";
  constructor() {
    super("Only its author may change this message.");
  }
}

/** What only those may do who look after a room. */
export class NotYourRoom extends DomainError {
  readonly reason = "NOT_YOUR_ROOM";
  constructor() {
    super("Only those who look after this room may do this.");
  }
}

/** A conversation of two stays what it is: nobody joins it, leaves it or is put out of it. */
export class DirectRoom extends DomainError {
  readonly reason = "DIRECT_ROOM";
  constructor() {
    super("This is a conversation of two.");
  }
}

export class TooManyReactions extends DomainError {
  readonly reason = "TOO_MANY_REACTIONS";
  constructor() {
    super("This message has as many different reactions as it can hold.");
  }
}

export class UserNotFound extends DomainError {
  readonly reason = "USER_NOT_FOUND";
  constructor() {
    super("There is no such member.");
  }
}

export class BoardNotFound extends DomainError {
  readonly reason = "BOARD_NOT_FOUND";
  constructor() {
    super("There is no such board.");
  }
}

export class PostNotFound extends DomainError {
  readonly reason = "POST_NOT_FOUND";
  constructor() {
    super("There is no such post.");
  }
}

export class NotTheAuthor extends DomainError {
  readonly reason = "NOT_THE_AUTHOR";
  constructor() {
    super("Only its author or an admin may change this post.");
  }
}

export class JobNotFound extends DomainError {
  readonly reason = "JOB_NOT_FOUND";
  constructor() {
    super("There is no such job.");
  }
}

/** The operation id was used before, for something else. */
export class OperationReused extends DomainError {
  readonly reason = "OPERATION_REUSED";
  constructor() {
    super("This id was used before with other contents. Choose a new one for a new operation.");
  }
}

/** What was to be done in one member's name came with the session of another. Nothing was changed. */
export class SignedInAsAnother extends DomainError {
  readonly reason = "SIGNED_IN_AS_ANOTHER";
  constructor() {
    super("Somebody else is signed in here now.");
  }
}

export class MalformedCursor extends DomainError {
  readonly reason = "MALFORMED_CURSOR";
  constructor() {
    super("This cursor is not one we gave out.");
  }
}

/** Redis is away and this call cannot do without it. Nothing was changed. */
export class RedisAway extends DomainError {
  readonly reason = "REDIS_UNAVAILABLE";
  constructor(cause?: unknown) {
    super("This is not available for a moment. Try again shortly.", { cause });
  }
}
