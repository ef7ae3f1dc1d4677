import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, openDatabase, type Database, type OpenDatabaseOptions } from "../src/index.ts";

export interface TempDatabase {
  db: Database;
  path: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The path of a database that does not exist yet, in a folder of its own that is deleted afterwards. */
export function createTempPath(): { path: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), "cardinal-db-"));
  return {
    path: join(folder, "test.db"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A migrated, empty database. */
export async function createTempDatabase(
  options: Omit<OpenDatabaseOptions, "path"> = {},
): Promise<TempDatabase> {
  const temp = createTempPath();
  await migrate(temp.path);
  const db = openDatabase({ ...options, path: temp.path });
  return {
    db,
    path: temp.path,
    [Symbol.asyncDispose]: async () => {
      await db.close();
      temp[Symbol.dispose]();
    },
  };
}
