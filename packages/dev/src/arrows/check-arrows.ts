import { checkCycles } from "./check-cycles.ts";
import { checkImports } from "./check-imports.ts";
import { checkManifests } from "./check-manifests.ts";
import { checkSourceRules } from "./check-source-rules.ts";
import { type Violation, readWorkspaces } from "./workspaces.ts";

/**
 * Reads every workspace's sources and manifests and returns what breaks the architecture, by path and line.
 */
export function checkArrows(root: string): { files: number; violations: Violation[] } {
  const workspaces = readWorkspaces(root);
  const violations = [
    ...checkManifests(workspaces),
    ...checkImports(workspaces),
    ...checkCycles(workspaces),
    ...checkSourceRules(workspaces),
  ];
  return {
    files: workspaces.reduce((sum, { files }) => sum + files.length, 0),
    violations: violations.toSorted((a, b) => a.path.localeCompare(b.path) || a.line - b.line),
  };
}
