// Migrates a database: migrate-now <path> <instant to start at>. Prints how many migrations it applied.
import { setTimeout as sleep } from "node:timers/promises";
import { migrate } from "../../src/migrate/migrate.ts";

const [path = "", startAtMs = "0"] = process.argv.slice(2);
await sleep(Math.max(0, Number(startAtMs) - Date.now()));
const { applied } = await migrate(path);
process.stdout.write(`applied ${applied.length}\n`);
