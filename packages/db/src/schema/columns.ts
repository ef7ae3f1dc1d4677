import { sql, type SQL } from "drizzle-orm";
import { integer, text, type AnySQLiteColumn } from "drizzle-orm/sqlite-core";

/** Any value that survives JSON unchanged. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
/** A JSON object, the form of every stored payload. */
export type JsonObject = { [key: string]: Json };

/** An identifier: UUID v7 text unless the table says otherwise. */
export const idColumn = () => text("id").primaryKey();

/** An instant in epoch milliseconds, UTC. The column ends in `_at`, the property in `AtMs`. */
export const timeColumn = (name: `${string}_at`) => integer(name);

/** A JSON object stored as text. */
export const jsonColumn = (name: string) => text(name, { mode: "json" }).$type<JsonObject>();

/** The condition of a CHECK that holds a text column to a fixed set of words. */
export function isOneOf(column: AnySQLiteColumn, words: readonly string[]): SQL {
  return sql`${column} in (${sql.raw(words.map((word) => `'${word}'`).join(", "))})`;
}

/** The condition of a CHECK that lets nothing but the hex of a SHA-256 (or null) into a text column. */
export function isSha256(column: AnySQLiteColumn): SQL {
  return sql`length(${column}) = 64 and ${column} not glob '*[^0-9a-f]*'`;
}
