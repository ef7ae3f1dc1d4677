import { retryWhileBusy } from "../database/busy-retry.ts";
import { openConnection, type Connection } from "../database/connection.ts";
import { DatabaseHistoryDiffers } from "../database/errors.ts";
import { listMigrations, tooNew, type Migration } from "./applied.ts";

const WAIT_MS = 60_000;

const CREATE_HISTORY = `
  CREATE TABLE IF NOT EXISTS schema_migration (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL,
    applied_at INTEGER NOT NULL
  ) STRICT`;

export interface MigrateResult {
  /** Names of the migrations this call applied; empty when there was nothing to do. */
  applied: string[];
}

/**
 * Brings the database at `path` to the schema of this code, creating the file if need be. All pending
 * migrations are one transaction: they apply together or not at all. Any number of processes may call it at
 * once: one applies, the others wait and find nothing to do. Throws `DatabaseTooNew` for a database of newer
 * code and `DatabaseHistoryDiffers` for one whose applied migrations are not the committed ones.
 */
export async function migrate(path: string): Promise<MigrateResult> {
  const connection = openConnection(path, { queryOnly: false });
  try {
    if (isCurrent(connection)) return { applied: [] };
    const deadline = performance.now() + WAIT_MS;
    // Rebuilding a table drops the old one, which must not cascade; the references are checked before COMMIT.
    connection.pragma("foreign_keys = OFF");
    await retryWhileBusy(() => connection.exec("BEGIN IMMEDIATE"), { deadlineMs: () => deadline });
    try {
      const applied = applyPending(connection);
      connection.exec("COMMIT");
      return { applied };
    } catch (error) {
      if (connection.inTransaction) connection.exec("ROLLBACK");
      throw error;
    }
  } finally {
    connection.close();
  }
}

function isCurrent(connection: Connection): boolean {
  const has = connection.pragma("user_version", { simple: true });
  if (has !== listMigrations().length) return false;
  requireSameHistory(connection);
  return true;
}

function applyPending(connection: Connection): string[] {
  connection.exec(CREATE_HISTORY);
  const done = requireSameHistory(connection);
  const pending = listMigrations().slice(done);
  for (const migration of pending) apply(connection, migration);
  const broken = connection.pragma("foreign_key_check");
  if (Array.isArray(broken) && broken.length > 0) {
    throw new Error(`a migration left ${broken.length} rows that refer to nothing; nothing was changed`);
  }
  connection.pragma(`user_version = ${listMigrations().length}`);
  return pending.map((migration) => migration.name);
}

function apply(connection: Connection, migration: Migration): void {
  for (const statement of migration.statements) connection.exec(statement);
  connection
    .prepare("INSERT INTO schema_migration (number, name, hash, applied_at) VALUES (?, ?, ?, ?)")
    .run(migration.number, migration.name, migration.hash, Date.now());
}

/** How many of our migrations the database has; throws where its history is not the beginning of ours. */
function requireSameHistory(connection: Connection): number {
  const rows = connection
    .prepare<[], { number: number; name: string; hash: string }>(
      "SELECT number, name, hash FROM schema_migration ORDER BY number",
    )
    .all();
  const known = listMigrations();
  if (rows.length > known.length) throw tooNew(connection.name, rows.length);
  rows.forEach((row, index) => {
    const migration = known[index];
    if (migration?.name === row.name && migration.hash === row.hash) return;
    throw new DatabaseHistoryDiffers(
      `${connection.name} was migrated by other code: its migration ${row.number} is "${row.name}", ` +
        "and ours is not the same. A committed migration is never edited; in development, `pnpm reset` starts afresh.",
    );
  });
  return rows.length;
}
