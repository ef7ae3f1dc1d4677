import { RedisCoreError } from "../errors.ts";

/** The user has `maxPerUser` live sessions, and `onMax` says to refuse another. Nothing was changed. */
export class SessionLimitReached extends RedisCoreError {
  override readonly name = "SessionLimitReached";
  readonly code = "SESSION_LIMIT_REACHED";
  readonly maxPerUser: number;

  constructor(maxPerUser: number) {
    super(`the user has ${maxPerUser} live sessions already`);
    this.maxPerUser = maxPerUser;
  }
}
