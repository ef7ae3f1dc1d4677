/** Tables stored in the order of their composite primary key; everything else keeps a rowid. */
const WITHOUT_ROWID: ReadonlySet<string> = new Set([
  "mention",
  "page_view_daily",
  "page_view_hourly",
  "post_tag",
  "reaction",
  "read_state",
  "room_event",
  "room_member",
  "season_result",
]);

/** While a table is rebuilt, its successor carries this prefix. */
const REBUILD_PREFIX = "__new_";

const CREATE_TABLE = /^CREATE TABLE `([^`]+)` \(\n([\s\S]*?)\n\);/gm;

/**
 * Adds to generated SQL what drizzle-kit cannot say: every table is STRICT, and those with a composite key
 * are WITHOUT ROWID. Running it twice changes nothing.
 */
export function withTableOptions(sql: string): string {
  return sql.replaceAll(CREATE_TABLE, (_match, name: string, columns: string) => {
    const table = name.startsWith(REBUILD_PREFIX) ? name.slice(REBUILD_PREFIX.length) : name;
    const options = WITHOUT_ROWID.has(table) ? "STRICT, WITHOUT ROWID" : "STRICT";
    return `CREATE TABLE \`${name}\` (\n${columns}\n) ${options};`;
  });
}
