/**
 * `pnpm arrows`: who imports whom, checked over every source. Lists each violation and exits 1 if there is
 * one.
 */
import { repositoryRoot } from "../workspace/repository-root.ts";
import { checkArrows } from "./check-arrows.ts";

const { files, violations } = checkArrows(repositoryRoot);
for (const { path, line, message } of violations) console.error(`${path}:${line}  ${message}`);
if (violations.length === 0) console.log(`Arrows hold (${files} files).`);
else console.error(`\n${violations.length} in ${files} files.`);
process.exitCode = violations.length === 0 ? 0 : 1;
