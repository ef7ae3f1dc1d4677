import { resolveRelative } from "./check-imports.ts";
import type { Violation, Workspace } from "./workspaces.ts";

/**
 * Cycles of files that load each other. Imports of types are left out: nothing of them is left at run time.
 * One violation per cycle, at its first file.
 */
export function checkCycles(workspaces: readonly Workspace[]): Violation[] {
  const files = new Map(
    workspaces.flatMap(({ files: list }) => list.map((file) => [file.path, file] as const)),
  );
  const state = new Map<string, "open" | "done">();
  const violations: Violation[] = [];

  const visit = (path: string, trail: readonly string[]): void => {
    const file = files.get(path);
    if (file === undefined || state.get(path) === "done") return;
    if (state.get(path) === "open") {
      const cycle = trail.slice(trail.indexOf(path));
      const line =
        files.get(cycle[0] ?? path)?.imports.find(({ specifier }) => specifier.startsWith("."))?.line ?? 1;
      violations.push({
        path: cycle[0] ?? path,
        line,
        message: `import cycle: ${[...cycle, path].join(" → ")}`,
      });
      return;
    }
    state.set(path, "open");
    for (const found of file.imports) {
      if (!found.isType && found.specifier.startsWith(".")) {
        visit(resolveRelative(path, found.specifier), [...trail, path]);
      }
    }
    state.set(path, "done");
  };
  for (const path of files.keys()) visit(path, []);
  return violations;
}
