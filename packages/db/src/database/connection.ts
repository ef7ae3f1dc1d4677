import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite from "better-sqlite3";
import { DatabaseError } from "./errors.ts";

/** How long opening may wait for another process, blocking: it happens once, before anything is served. */
const OPEN_WAIT_MS = 10_000;
const WAL_SIZE_LIMIT_BYTES = 64 * 1024 * 1024;

export type Connection = Sqlite.Database;

/** SQLite did not take a setting that a promise of this package rests on. */
export class DatabaseSettingRefused extends DatabaseError {
  override readonly name = "DatabaseSettingRefused";
  readonly code = "DATABASE_SETTING_REFUSED";
}

/**
 * Opens a connection and checks its settings: WAL, `synchronous=FULL` (an acknowledged commit survives a
 * power cut), foreign keys on, no busy timeout (a waiting SQLite would stop the event loop).
 */
export function openConnection(path: string, options: { queryOnly: boolean }): Connection {
  mkdirSync(dirname(path), { recursive: true });
  const connection = new Sqlite(path, { timeout: OPEN_WAIT_MS });
  try {
    enterWal(connection);
    connection.pragma("synchronous = FULL");
    connection.pragma("foreign_keys = ON");
    connection.pragma("trusted_schema = OFF");
    connection.pragma(`journal_size_limit = ${WAL_SIZE_LIMIT_BYTES}`);
    connection.pragma("temp_store = MEMORY");
    if (options.queryOnly) connection.pragma("query_only = ON");
    connection.pragma("busy_timeout = 0");
    requireSetting(connection, "journal_mode", "wal");
    requireSetting(connection, "synchronous", 2);
    requireSetting(connection, "foreign_keys", 1);
    requireSetting(connection, "busy_timeout", 0);
    requireSetting(connection, "query_only", options.queryOnly ? 1 : 0);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Entering WAL needs the file alone for a moment, and SQLite does not wait for that by itself. */
function enterWal(connection: Connection): void {
  const deadline = performance.now() + OPEN_WAIT_MS;
  for (;;) {
    try {
      connection.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      const isLocked = error instanceof Sqlite.SqliteError && error.code.startsWith("SQLITE_BUSY");
      if (!isLocked || performance.now() > deadline) throw error;
      const jitterMs = Math.random() * 20;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + jitterMs);
    }
  }
}

function requireSetting(connection: Connection, name: string, wanted: string | number): void {
  const actual = connection.pragma(name, { simple: true });
  if (actual === wanted) return;
  throw new DatabaseSettingRefused(`SQLite answered ${name}=${String(actual)} where ${wanted} is needed`);
}
