import type { Database } from "./database/open-database.ts";
import * as fenceQueries from "./queries/fence.ts";

export interface EpochStoreOptions {
  db: Database;
  /** Epoch milliseconds. Default: the system's clock. */
  clock?: () => number;
}

/**
 * Keeps the floor under fencing tokens in the database, beside the data they guard: tokens rise even if Redis
 * comes back empty with an earlier clock. `raise` resolves when the floor is on disk; the floor never sinks.
 * It has the shape redis-core's `createRedisCore({ epochStore })` asks for.
 */
export function createEpochStore(options: EpochStoreOptions): {
  read(lock: string): Promise<bigint>;
  raise(lock: string, token: bigint): Promise<void>;
} {
  const { db, clock = Date.now } = options;
  return {
    read: (lock) => db.read((tx) => fenceQueries.floor(tx, lock)),
    raise: async (lock, token) => {
      await db.write((tx) => fenceQueries.raiseFloor(tx, lock, token, clock()));
    },
  };
}
