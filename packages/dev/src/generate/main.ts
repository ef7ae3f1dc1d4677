/** `pnpm generate` writes every generated file that differs; `--check` lists them and exits 1 instead. */
import { parseArgs } from "node:util";
import { repositoryRoot } from "../workspace/repository-root.ts";
import { findStale, runGenerators, writeFiles } from "./compare.ts";
import { type GeneratedFile, generators } from "./generators.ts";

const { values } = parseArgs({ options: { check: { type: "boolean" } } });
const stale: GeneratedFile[] = [];
let count = 0;
try {
  // One after the other: a later generator may import what an earlier one writes.
  for (const generator of generators) {
    const files = await runGenerators(repositoryRoot, [generator]);
    const differing = findStale(repositoryRoot, files);
    if (values.check !== true) writeFiles(repositoryRoot, differing);
    stale.push(...differing);
    count += files.length;
  }
  const names = stale.map(({ path }) => `  ${path}`).join("\n");
  if (stale.length === 0) {
    console.log(`Generated files are up to date (${count}).`);
  } else if (values.check === true) {
    console.error(`Generated files are out of date; \`pnpm generate\` writes them:\n${names}`);
    process.exitCode = 1;
  } else {
    console.log(`Written:\n${names}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
