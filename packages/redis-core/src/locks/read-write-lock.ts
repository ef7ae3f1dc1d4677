import type { CoreContext } from "../context.ts";
import { LeasedLocks } from "./leased-locks.ts";
import { checkReplicas, type Lock, type LockOptions } from "./lock.ts";
import { ReadWriteStore } from "./read-write-store.ts";

/**
 * Many readers at a time, or one writer alone. Each side is a `Lock` with all that one promises: leases,
 * renewals, signals, retry-safe releases, the same errors.
 *
 * A writer who waits keeps new readers out, so that readers who come and go cannot keep it waiting for ever;
 * hence whoever reads must not ask to read again while it holds, nor to write. Among waiting writers who comes
 * next is not promised. Tokens rise with the grants of both sides: a writer's fences against every writer and
 * reader before it, while a reader's says only when it began.
 *
 * One round trip to take a free side, one to give it back; each costs O(log readers). Without Redis every
 * method throws `RedisUnavailable` or `OutcomeUnknown`.
 *
 * @example
 * const catalogue = core.rwLock("catalogue");
 * const page = await catalogue.read.run(() => readPage());
 * await catalogue.write.run(({ signal, token }) => rebuild({ signal, fence: token }));
 */
export interface ReadWriteLock {
  readonly read: Lock;
  readonly write: Lock;
}

/** See `ReadWriteLock`. Costs nothing until used. */
export function createReadWriteLock(
  context: CoreContext,
  name: string,
  options: LockOptions = {},
): ReadWriteLock {
  const replicas = checkReplicas(options);
  return {
    read: new LeasedLocks(context, new ReadWriteStore(context, name, { mode: "read", replicas }), options),
    write: new LeasedLocks(context, new ReadWriteStore(context, name, { mode: "write", replicas }), options),
  };
}
