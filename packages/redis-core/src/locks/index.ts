export type { HeldLock, HeldLockRecord } from "./held-lock.ts";
export { LockLost, LockTimeout } from "./lock-errors.ts";
export { type AcquireOptions, createLock, type Lock, type LockedWork, type LockOptions } from "./lock.ts";
