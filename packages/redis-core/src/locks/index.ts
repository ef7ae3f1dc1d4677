export { createLock, type HeldLock, type HeldLockRecord, type Lock, type LockOptions } from "./lock.ts";
