import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, migrate, openDatabase, userQueries } from "@cardinal/db";

export type TemporaryDatabase = {
  db: Database;
  path: string;
  /** A member with this name; returns his id. */
  addMember(username: string, changes?: { displayName?: string; email?: string }): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A migrated database in a folder of its own. */
export async function createTemporaryDatabase(): Promise<TemporaryDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "cardinal-worker-"));
  const path = join(folder, "test.db");
  await migrate(path);
  const db = openDatabase({ path });
  return {
    db,
    path,
    async addMember(username, changes = {}) {
      const member = await db.write((tx) =>
        userQueries.create(tx, {
          username,
          displayName: username,
          email: `${username}@cardinal.test`,
          passwordHash: "-",
          nowMs: Date.now(),
          ...changes,
        }),
      );
      return member.id;
    },
    async [Symbol.asyncDispose]() {
      await db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
