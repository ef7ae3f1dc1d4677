import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import type { Connection } from "../database/connection.ts";
import { DatabaseNotMigrated, DatabaseTooNew } from "../database/errors.ts";

export interface Migration {
  /** Position from 1; also the `user_version` of a database that has it. */
  number: number;
  name: string;
  statements: string[];
  hash: string;
}

const FOLDER = new URL("../../migrations/", import.meta.url);
const BREAKPOINT = "--> statement-breakpoint";

let known: readonly Migration[] | undefined;

/** The migrations of this code, in order, as committed in `migrations/`. */
export function listMigrations(): readonly Migration[] {
  known ??= readJournal().map((name, index) => {
    const sql = readFileSync(new URL(`${name}.sql`, FOLDER), "utf8");
    return {
      number: index + 1,
      name,
      statements: sql.split(BREAKPOINT).filter((statement) => statement.trim() !== ""),
      hash: createHash("sha256").update(sql).digest("hex"),
    };
  });
  return known;
}

/** Throws unless the database has exactly the migrations of this code. */
export function requireCurrentSchema(connection: Connection): void {
  const has = connection.pragma("user_version", { simple: true });
  const wanted = listMigrations().length;
  if (has === wanted) return;
  if (typeof has === "number" && has > wanted) throw tooNew(connection.name, has);
  throw new DatabaseNotMigrated(
    `${connection.name} has ${String(has)} of ${wanted} migrations: apply the others before opening it`,
  );
}

export function tooNew(path: string, has: number): DatabaseTooNew {
  const wanted = listMigrations().length;
  return new DatabaseTooNew(
    `${path} was made by newer code: it has ${has} migrations, this code knows ${wanted}. ` +
      "Run the newer code, or restore a backup from before the upgrade.",
  );
}

function readJournal(): string[] {
  const journal: unknown = JSON.parse(readFileSync(new URL("meta/_journal.json", FOLDER), "utf8"));
  if (typeof journal !== "object" || journal === null || !("entries" in journal)) throw invalidJournal();
  if (!Array.isArray(journal.entries)) throw invalidJournal();
  return journal.entries.map((entry: unknown) => {
    if (typeof entry !== "object" || entry === null || !("tag" in entry)) throw invalidJournal();
    if (typeof entry.tag !== "string") throw invalidJournal();
    return entry.tag;
  });
}

function invalidJournal(): Error {
  return new Error("migrations/meta/_journal.json is not what drizzle-kit writes");
}
