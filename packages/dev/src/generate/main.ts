/** `pnpm generate` writes every generated file that differs; `--check` lists them and exits 1 instead. */
import { parseArgs } from "node:util";
import { repositoryRoot } from "../workspace/repository-root.ts";
import { findStale, runGenerators, writeFiles } from "./compare.ts";
import { generators } from "./generators.ts";

const { values } = parseArgs({ options: { check: { type: "boolean" } } });
try {
  const files = await runGenerators(repositoryRoot, generators);
  const stale = findStale(repositoryRoot, files);
  const names = stale.map(({ path }) => `  ${path}`).join("\n");
  if (stale.length === 0) {
    console.log(`Generated files are up to date (${files.length}).`);
  } else if (values.check === true) {
    console.error(`Generated files are out of date; \`pnpm generate\` writes them:\n${names}`);
    process.exitCode = 1;
  } else {
    writeFiles(repositoryRoot, stale);
    console.log(`Written:\n${names}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
