// Migrates the database and fills it with the demo community: `node packages/db/src/cli/prepare.ts`.
//   --no-seed   only migrate; an installation without any room gets one
//   --seed      seed although NODE_ENV is production
import { parseArgs } from "node:util";
import { readDatabaseEnv } from "../env.ts";
import { migrate } from "../migrate/migrate.ts";

const { values } = parseArgs({ options: { seed: { type: "boolean" } }, allowNegative: true });
const { databasePath, isProduction } = readDatabaseEnv();

try {
  const { applied } = await migrate(databasePath);
  const parts = [applied.length === 0 ? "schema is current" : `applied ${applied.join(", ")}`];
  if (values.seed ?? !isProduction) {
    // Loaded only here: applying migrations needs no query builder, and a production start should be quick.
    const { openDatabase } = await import("../database/open-database.ts");
    const { seedDatabase } = await import("../seed/seed-database.ts");
    await using db = openDatabase({ path: databasePath });
    const { seeded } = await seedDatabase(db);
    parts.push(seeded ? "seeded" : "already seeded");
  } else if (applied.length > 0) {
    const { openDatabase } = await import("../database/open-database.ts");
    const { ensureFirstRoom } = await import("../seed/ensure-first-room.ts");
    await using db = openDatabase({ path: databasePath });
    parts.push("not seeded", ...((await ensureFirstRoom(db)) ? ["one empty room"] : []));
  } else {
    parts.push("not seeded");
  }
  console.log(`database ${databasePath}: ${parts.join(", ")}`);
} catch (error) {
  console.error(`database ${databasePath}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
