// Writes the migration for what changed in the schema:
// `pnpm --filter @cardinal/db generate --name add-polls`.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { withTableOptions } from "../migrate/table-options.ts";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));
const generated = spawnSync("drizzle-kit", ["generate", ...process.argv.slice(2)], {
  cwd: packageFolder,
  stdio: "inherit",
});
if (generated.status !== 0) process.exit(generated.status ?? 1);

const migrationsFolder = fileURLToPath(new URL("../../migrations/", import.meta.url));
for (const name of readdirSync(migrationsFolder).filter((entry) => entry.endsWith(".sql"))) {
  const sql = readFileSync(migrationsFolder + name, "utf8");
  const finished = withTableOptions(sql);
  if (finished !== sql) writeFileSync(migrationsFolder + name, finished);
}
