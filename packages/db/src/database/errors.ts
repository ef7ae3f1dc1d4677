import Sqlite from "better-sqlite3";

/** Base of every error this package throws on purpose. `code` is stable; `message` is for people. */
export abstract class DatabaseError extends Error {
  abstract readonly code: string;
}

/**
 * The write lock stayed with others past the deadline, and nothing was written. Trying again later is safe.
 */
export class DatabaseBusy extends DatabaseError {
  override readonly name = "DatabaseBusy";
  readonly code = "DATABASE_BUSY";
  readonly waitedMs: number;
  constructor(waitedMs: number, options?: ErrorOptions) {
    super(`the database was locked by another writer for ${waitedMs} ms`, options);
    this.waitedMs = waitedMs;
  }
}

/** The database was used in a way it does not allow: a programming error. Nothing was written. */
export class DatabaseMisuse extends DatabaseError {
  override readonly name = "DatabaseMisuse";
  readonly code = "DATABASE_MISUSE";
}

/** The handle was closed before this call. */
export class DatabaseClosed extends DatabaseError {
  override readonly name = "DatabaseClosed";
  readonly code = "DATABASE_CLOSED";
  constructor() {
    super("the database is closed");
  }
}

/** The disk, or the limit set on the database, is full. Nothing was written; reads go on. */
export class DatabaseFull extends DatabaseError {
  override readonly name = "DatabaseFull";
  readonly code = "DATABASE_FULL";
  constructor(options?: ErrorOptions) {
    super("the database cannot grow: the disk is full", options);
  }
}

/** The file, its folder or the transaction does not allow writing. */
export class DatabaseReadOnly extends DatabaseError {
  override readonly name = "DatabaseReadOnly";
  readonly code = "DATABASE_READ_ONLY";
  constructor(options?: ErrorOptions) {
    super("the database cannot be written here", options);
  }
}

/** A row with the same unique values exists. `table` and `columns` are the names in SQL. */
export class UniqueViolation extends DatabaseError {
  override readonly name = "UniqueViolation";
  readonly code = "UNIQUE_VIOLATION";
  readonly table: string;
  readonly columns: readonly string[];
  constructor(table: string, columns: readonly string[], options?: ErrorOptions) {
    super(`${table}: another row has the same ${columns.join(", ")}`, options);
    this.table = table;
    this.columns = columns;
  }

  /** Whether it was this column (of this table) that had to be unique. */
  isOn(table: string, column: string): boolean {
    return this.table === table && this.columns.includes(column);
  }
}

/** A row refers to one that does not exist, or one that is still referred to was deleted. */
export class ForeignKeyViolation extends DatabaseError {
  override readonly name = "ForeignKeyViolation";
  readonly code = "FOREIGN_KEY_VIOLATION";
  constructor(options?: ErrorOptions) {
    super("a row refers to one that does not exist", options);
  }
}

/** The tables are older than the code: migrations are still to be applied. */
export class DatabaseNotMigrated extends DatabaseError {
  override readonly name = "DatabaseNotMigrated";
  readonly code = "DATABASE_NOT_MIGRATED";
}

/** The tables were made by newer code than this. */
export class DatabaseTooNew extends DatabaseError {
  override readonly name = "DatabaseTooNew";
  readonly code = "DATABASE_TOO_NEW";
}

/** The database was migrated by other code: its history of migrations is not the beginning of ours. */
export class DatabaseHistoryDiffers extends DatabaseError {
  override readonly name = "DatabaseHistoryDiffers";
  readonly code = "DATABASE_HISTORY_DIFFERS";
}

/** The row that the caller said must exist does not. */
export class RowNotFound extends DatabaseError {
  override readonly name = "RowNotFound";
  readonly code = "ROW_NOT_FOUND";
  readonly table: string;
  readonly id: string;
  constructor(table: string, id: string) {
    super(`${table} has no row ${id}`);
    this.table = table;
    this.id = id;
  }
}

/** The SQLite error at the bottom of a chain of causes, if there is one. */
export function findSqliteError(error: unknown): InstanceType<typeof Sqlite.SqliteError> | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof Sqlite.SqliteError) return current;
  }
  return undefined;
}

/** Whether another connection held a lock this one needed, so that trying again can succeed. */
export function isBusy(error: unknown): boolean {
  const code = findSqliteError(error)?.code ?? "";
  return code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED") || code === "SQLITE_PROTOCOL";
}

/** The typed form of an error SQLite raised; any other error is returned as it is. */
export function asDatabaseError(error: unknown): unknown {
  if (error instanceof DatabaseError) return error;
  const code = findSqliteError(error)?.code;
  if (code === undefined) return error;
  const cause = { cause: error };
  if (code === "SQLITE_CONSTRAINT_UNIQUE") return uniqueViolation(error);
  if (code === "SQLITE_CONSTRAINT_PRIMARYKEY") return uniqueViolation(error);
  if (code === "SQLITE_CONSTRAINT_FOREIGNKEY") return new ForeignKeyViolation(cause);
  if (code === "SQLITE_FULL") return new DatabaseFull(cause);
  if (code.startsWith("SQLITE_READONLY") || code === "SQLITE_CANTOPEN") return new DatabaseReadOnly(cause);
  if (isBusy(error)) return new DatabaseBusy(0, cause);
  return error;
}

function uniqueViolation(error: unknown): UniqueViolation {
  const names = (findSqliteError(error)?.message ?? "").split("UNIQUE constraint failed: ")[1] ?? "";
  const columns = names.split(", ").map((name) => name.split("."));
  return new UniqueViolation(
    columns[0]?.[0] ?? "",
    columns.map((parts) => parts[1] ?? ""),
    { cause: error },
  );
}
