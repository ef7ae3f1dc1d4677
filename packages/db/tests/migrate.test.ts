import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from "drizzle-kit/api";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import { describe, expect, test } from "vitest";
import {
  DatabaseHistoryDiffers,
  DatabaseNotMigrated,
  DatabaseTooNew,
  migrate,
  openDatabase,
  schema,
} from "../src/index.ts";
import { withTableOptions } from "../src/migrate/table-options.ts";
import { startProcess } from "./processes/start-process.ts";
import { createTempPath } from "./temp-database.ts";

const migrationsFolder = fileURLToPath(new URL("../migrations/", import.meta.url));
const migrationCount = readdirSync(migrationsFolder).filter((name) => name.endsWith(".sql")).length;

describe("migrate", () => {
  test("applies each migration once when 4 processes start together", async () => {
    using temp = createTempPath();
    const startAtMs = Date.now() + 500;
    const processes = Array.from({ length: 4 }, () =>
      startProcess("migrate-now", [temp.path, String(startAtMs)]),
    );
    expect(await Promise.all(processes.map((started) => started.ended))).toEqual([0, 0, 0, 0]);
    const printed = processes.flatMap((started) => started.lines).sort();
    expect(printed).toEqual([...Array<string>(3).fill("applied 0"), `applied ${migrationCount}`]);
    await openDatabase({ path: temp.path }).close();
  });

  test("refuses a database of newer code, to migrate it and to open it", async () => {
    using temp = createTempPath();
    await migrate(temp.path);
    const newer = new Sqlite(temp.path);
    newer.exec("INSERT INTO schema_migration VALUES (99, '0099_from_the_future', 'x', 0)");
    newer.pragma("user_version = 99");
    newer.close();
    await expect(migrate(temp.path)).rejects.toThrow(DatabaseTooNew);
    expect(() => openDatabase({ path: temp.path })).toThrow(/was made by newer code.*99 migrations/);
  });

  test("refuses a database whose migrations were edited after they were applied", async () => {
    using temp = createTempPath();
    await migrate(temp.path);
    const edited = new Sqlite(temp.path);
    edited.exec("UPDATE schema_migration SET hash = 'other'");
    edited.close();
    await expect(migrate(temp.path)).rejects.toThrow(DatabaseHistoryDiffers);
  });

  test("says what to do about a database that was not migrated", () => {
    using temp = createTempPath();
    expect(() => openDatabase({ path: temp.path })).toThrow(DatabaseNotMigrated);
  });
});

describe("the migrations", () => {
  test("build exactly the tables of the schema", async () => {
    const snapshots = readdirSync(`${migrationsFolder}meta`).filter((name) =>
      name.endsWith("_snapshot.json"),
    );
    const last = snapshots.sort().at(-1) ?? "";
    const committed = JSON.parse(readFileSync(`${migrationsFolder}meta/${last}`, "utf8")) as Awaited<
      ReturnType<typeof generateSQLiteDrizzleJson>
    >;
    const current = await generateSQLiteDrizzleJson({ ...schema });
    // Something here: the schema changed. Run `pnpm --filter @cardinal/db generate --name <what-changed>`.
    expect(await generateSQLiteMigration(committed, current)).toEqual([]);
  });

  test("make every table strict, and have every column of the schema", async () => {
    using temp = createTempPath();
    await migrate(temp.path);
    const database = new Sqlite(temp.path, { readonly: true });
    const tables = database.pragma("table_list") as {
      name: string;
      strict: number;
      wr: number;
      schema: string;
      type: string;
    }[];
    // The search index has tables of its own making.
    const ours = tables.filter(
      ({ schema: of, name, type }) => of === "main" && type === "table" && !name.startsWith("sqlite_"),
    );
    expect(ours.filter((table) => table.strict !== 1)).toEqual([]);
    expect(ours.find((table) => table.name === "room_event")?.wr).toBe(1);
    for (const table of Object.values(schema).filter((value) => value instanceof SQLiteTable)) {
      const { name, columns } = getTableConfig(table);
      const actual = database.pragma(`table_info("${name}")`) as { name: string }[];
      expect(actual.map((column) => column.name)).toEqual(columns.map((column) => column.name));
    }
    database.close();
  });

  test("carry the table options after being generated", () => {
    for (const name of readdirSync(migrationsFolder).filter((entry) => entry.endsWith(".sql"))) {
      const sql = readFileSync(migrationsFolder + name, "utf8");
      expect(withTableOptions(sql)).toBe(sql);
    }
  });
});
