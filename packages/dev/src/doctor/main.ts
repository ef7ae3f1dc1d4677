/**
 * `pnpm doctor`: prints every check with what it found and, where it failed, its fix. Exits 1 if one failed.
 */
import { loadEnvFile, readDevSettings } from "../settings/dev-settings.ts";
import { type Check, runCheck } from "./check.ts";
import { checkEnvironment } from "./environment-check.ts";
import { machineChecks } from "./machine-checks.ts";
import { serviceChecks } from "./service-checks.ts";

loadEnvFile();

const environment: Check = { name: "Environment", run: () => checkEnvironment() };
let failed = 0;
for (const check of [...machineChecks, environment, ...readServiceChecks()]) {
  const result = await runCheck(check);
  console.log(`${result.ok ? "OK  " : "FAIL"}  ${check.name.padEnd(13)}${result.found}`);
  if (result.ok) continue;
  failed += 1;
  for (const line of (result.fix ?? "").split("\n")) console.log(`${" ".repeat(19)}${line}`);
}
console.log(failed === 0 ? "\nEverything is in order." : `\n${failed} to mend.`);
process.exitCode = failed === 0 ? 0 : 1;

/** With a faulty environment there is nothing to ask the services with; its own check says why. */
function readServiceChecks(): Check[] {
  try {
    return serviceChecks(readDevSettings());
  } catch {
    return [];
  }
}
