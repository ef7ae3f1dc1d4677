// Deletes the database, migrates and seeds it anew: `node packages/db/src/cli/reset.ts`.
// Stop what uses it first.
import { rmSync } from "node:fs";
import { readDatabaseEnv } from "../env.ts";

const { databasePath, isProduction } = readDatabaseEnv();

if (isProduction) {
  console.error(`database ${databasePath}: not reset, because NODE_ENV is production`);
  process.exitCode = 1;
} else {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(databasePath + suffix, { force: true });
  await import("./prepare.ts");
}
