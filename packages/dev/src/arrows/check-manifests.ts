import { arrowTable, testArrows } from "./arrow-table.ts";
import type { Violation, Workspace } from "./workspaces.ts";

/**
 * Dependencies of ours in a package.json that no arrow allows; what only tests may use, outside
 * devDependencies.
 */
export function checkManifests(workspaces: readonly Workspace[]): Violation[] {
  return workspaces.flatMap((workspace) => {
    const arrows = (arrowTable[workspace.name] ?? []).map(({ to }) => to);
    const inTests = testArrows.map(({ to }) => to);
    const wrong = workspace.dependencies
      .filter((name) => !arrows.includes(name))
      .map((name) => `@cardinal/${name} may not be a dependency of ${workspace.name}`);
    const wrongForTests = workspace.devDependencies
      .filter((name) => !arrows.includes(name) && !inTests.includes(name))
      .map((name) => `@cardinal/${name} may not be a devDependency of ${workspace.name}`);
    return [...wrong, ...wrongForTests].map((message) => ({
      path: `${workspace.folder}/package.json`,
      line: 1,
      message,
    }));
  });
}
