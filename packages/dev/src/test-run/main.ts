/**
 * `pnpm test`: runs every step, one after the other whatever the others did, and ends with the line
 * `N passed, N failed`. `--only unit,lint` runs some of them.
 */
import { parseArgs } from "node:util";
import type { StepResult } from "./run-step.ts";
import { steps } from "./steps.ts";

const { values } = parseArgs({ options: { only: { type: "string" } } });
const wanted = values.only?.split(",").map((name) => name.trim());
const unknown = wanted?.filter((name) => !steps.some((step) => step.name === name)) ?? [];
if (unknown.length > 0) {
  console.error(`No such step: ${unknown.join(", ")}. Steps: ${steps.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}

// Ctrl-C reaches the running step by itself, from the terminal; a second signal would cut its clean-up short.
const aborted = new AbortController();
let isInterrupted = false;
process.on("SIGINT", () => {
  isInterrupted = true;
});
for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    isInterrupted = true;
    aborted.abort();
  });
}

const rows: { name: string; result: StepResult; seconds: number }[] = [];
for (const step of steps) {
  if (wanted !== undefined && !wanted.includes(step.name)) continue;
  if (isInterrupted) break;
  console.log(`\n━━ ${step.title} ${"━".repeat(Math.max(0, 70 - step.title.length))}`);
  const startedAt = performance.now();
  const result = await step.run(aborted.signal);
  rows.push({ name: step.name, result, seconds: (performance.now() - startedAt) / 1000 });
}

console.log(
  `\n${"step".padEnd(12)}${"passed".padStart(8)}${"failed".padStart(8)}${"skipped".padStart(9)}${"time".padStart(10)}`,
);
for (const { name, result, seconds } of rows) {
  const figures = `${String(result.passed).padStart(8)}${String(result.failed).padStart(8)}`;
  const skipped = String(result.skipped).padStart(9);
  console.log(`${name.padEnd(12)}${figures}${skipped}${`${seconds.toFixed(1)} s`.padStart(10)}`);
}
const passed = rows.reduce((sum, { result }) => sum + result.passed, 0);
const failed = rows.reduce((sum, { result }) => sum + result.failed, 0);
if (isInterrupted) console.log("Interrupted.");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = isInterrupted ? 130 : failed > 0 ? 1 : 0;
