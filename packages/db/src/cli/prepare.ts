// Migrates the database and fills it with the demo community: `node packages/db/src/cli/prepare.ts`.
//   --no-seed   only migrate
//   --seed      seed although NODE_ENV is production
import { parseArgs } from "node:util";
import { openDatabase } from "../database/open-database.ts";
import { readDatabaseEnv } from "../env.ts";
import { migrate } from "../migrate/migrate.ts";
import { seedDatabase } from "../seed/seed-database.ts";

const { values } = parseArgs({ options: { seed: { type: "boolean" } }, allowNegative: true });
const { databasePath, isProduction } = readDatabaseEnv();

try {
  const { applied } = await migrate(databasePath);
  const parts = [applied.length === 0 ? "schema is current" : `applied ${applied.join(", ")}`];
  if (values.seed ?? !isProduction) {
    await using db = openDatabase({ path: databasePath });
    const { seeded } = await seedDatabase(db);
    parts.push(seeded ? "seeded" : "already seeded");
  } else {
    parts.push("not seeded");
  }
  console.log(`database ${databasePath}: ${parts.join(", ")}`);
} catch (error) {
  console.error(`database ${databasePath}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
