import { DomainError } from "./domain-errors.ts";
import type { RateLimitState } from "./rate-limit-state.ts";
import type { SanctionState } from "./sanction-state.ts";

/** A refusal because of a measure against the caller; `sanction` reaches him as `error.data.sanction`. */
export abstract class Sanctioned extends DomainError {
  readonly sanction: SanctionState;
  constructor(message: string, sanction: SanctionState) {
    super(message);
    this.sanction = sanction;
  }
}

/** He may read, and writes, reacts and changes nothing until the mute ends. */
export class Muted extends Sanctioned {
  readonly reason = "MUTED";
  constructor(sanction: SanctionState) {
    super("You are muted in this room.", sanction);
  }
}

/** He is out of the room, and neither joins nor is brought in until the ban ends. */
export class Banned extends Sanctioned {
  readonly reason = "BANNED";
  constructor(sanction: SanctionState) {
    super("Banned from this room.", sanction);
  }
}

/** The account may not be used until the suspension ends. Said only after the password proved right. */
export class Suspended extends Sanctioned {
  readonly reason = "SUSPENDED";
  constructor(sanction: SanctionState) {
    super("This account is suspended.", sanction);
  }
}

/** The room is in slow mode, and the member wrote just now. `rateLimit.retryAfterMs` is the exact rest of the wait. */
export class SlowMode extends DomainError {
  readonly reason = "SLOW_MODE";
  readonly rateLimit: RateLimitState;
  constructor(retryAfterMs: number, nowMs: number) {
    super(`This room is in slow mode. Try again in ${Math.ceil(retryAfterMs / 1_000)} s.`);
    this.rateLimit = { policy: "slow-mode", limit: 1, remaining: 0, retryAfterMs, resetAtMs: nowMs + retryAfterMs };
  }
}

/** An archived room is read, and no longer written or changed. */
export class RoomArchived extends DomainError {
  readonly reason = "ROOM_ARCHIVED";
  constructor() {
    super("This room is archived.");
  }
}

export class TooManyPins extends DomainError {
  readonly reason = "TOO_MANY_PINS";
  constructor(most: number) {
    super(`A room holds at most ${most} pinned messages. Take one off first.`);
  }
}

/** An owner does not leave a room with others in it to itself. */
export class OwnerMustPassOn extends DomainError {
  readonly reason = "OWNER_MUST_PASS_ON";
  constructor() {
    super("You own this room. Make another member its owner first.");
  }
}

/** Nobody acts against somebody of his own rank or above. */
export class Outranked extends DomainError {
  readonly reason = "OUTRANKED";
  constructor() {
    super("You cannot do this to somebody of your rank or above.");
  }
}

export class NotAnAdmin extends DomainError {
  readonly reason = "NOT_AN_ADMIN";
  constructor() {
    super("Only admins may do this.");
  }
}

/** Also for a report of a room the caller does not look after. */
export class ReportNotFound extends DomainError {
  readonly reason = "REPORT_NOT_FOUND";
  constructor() {
    super("There is no such report.");
  }
}

/** Somebody else has decided otherwise meanwhile. */
export class ReportResolved extends DomainError {
  readonly reason = "REPORT_RESOLVED";
  constructor() {
    super("This report was resolved in another way meanwhile.");
  }
}
