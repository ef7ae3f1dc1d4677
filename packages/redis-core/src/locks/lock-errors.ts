import { RedisCoreError } from "../errors.ts";

/** The lock was busy for as long as the caller was willing to wait. */
export class LockTimeout extends RedisCoreError {
  override readonly name = "LockTimeout";
  readonly code = "LOCK_TIMEOUT";
  readonly lock: string;

  constructor(lock: string, waitMs: number) {
    super(`lock "${lock}" was busy for the ${Math.round(waitMs)} ms it was waited for`);
    this.lock = lock;
  }
}

/**
 * The lease is not certain any more: it could not be renewed in time, `maxHold` is over, or Redis says
 * that it ended. The reason of a held lock's signal.
 */
export class LockLost extends RedisCoreError {
  override readonly name = "LockLost";
  readonly code = "LOCK_LOST";
  readonly lock: string;

  constructor(lock: string, why: string, options?: ErrorOptions) {
    super(`lock "${lock}" is lost: ${why}`, options);
    this.lock = lock;
  }
}
