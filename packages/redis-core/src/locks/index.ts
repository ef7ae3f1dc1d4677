export type { HeldLock, HeldLockRecord } from "./held-lock.ts";
export type { LockHolder, LockState } from "./lock-state.ts";
export { LockLost, LockTimeout } from "./lock-errors.ts";
export {
  type AcquireOptions,
  createLock,
  type FairLockOptions,
  type Lock,
  type LockedWork,
  type LockOptions,
  type TryOptions,
} from "./lock.ts";
export { createReadWriteLock, type ReadWriteLock } from "./read-write-lock.ts";
export { createSemaphore, type Semaphore, type SemaphoreOptions } from "./semaphore.ts";
