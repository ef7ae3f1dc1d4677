import { posix } from "node:path";
import { arrowTable, testArrows } from "./arrow-table.ts";
import type { FoundImport } from "./find-imports.ts";
import { type SourceFile, type Violation, type Workspace, scope } from "./workspaces.ts";

/** Imports that leave their package by a relative path, go against the arrows, or are not declared. */
export function checkImports(workspaces: readonly Workspace[]): Violation[] {
  return workspaces.flatMap((workspace) =>
    workspace.files.flatMap((file) =>
      file.imports.flatMap((found) => {
        const message = found.specifier.startsWith(".")
          ? checkRelative(workspace, file, found)
          : checkPackage(workspace, file, found);
        return message === undefined ? [] : [{ path: file.path, line: found.line, message }];
      }),
    ),
  );
}

function checkRelative(workspace: Workspace, file: SourceFile, found: FoundImport): string | undefined {
  const target = resolveRelative(file.path, found.specifier);
  if (target !== workspace.folder && !target.startsWith(`${workspace.folder}/`)) {
    // Where a package finds the repository's root, it names no source of another one.
    if (/^(\.\.\/)*\.\.\/?$/.test(found.specifier)) return undefined;
    return `${found.specifier} leaves the package: import the other one by its name`;
  }
  const from = featureOf(file.path);
  const to = featureOf(target);
  if (to === undefined || from === to) return undefined;
  if (from !== undefined)
    return `feature ${from} imports feature ${to}: what both need belongs to lib or components`;
  const layer = /^apps\/web\/src\/(lib|components)\//.exec(file.path)?.[1];
  return layer === undefined ? undefined : `${layer} imports feature ${to}: shared code knows no feature`;
}

function checkPackage(workspace: Workspace, file: SourceFile, found: FoundImport): string | undefined {
  if (!found.specifier.startsWith(scope)) return undefined;
  const [name = "", ...rest] = found.specifier.slice(scope.length).split("/");
  const entry = rest.length === 0 ? "." : `./${rest.join("/")}`;
  if (name === workspace.name) return undefined;
  const arrows = [...(arrowTable[workspace.name] ?? []), ...(file.isTest ? testArrows : [])];
  const arrow = arrows.find(({ to }) => to === name);
  if (arrow === undefined) return `${workspace.name} may not import ${scope}${name}`;
  if (!workspace.dependencies.includes(name) && !workspace.devDependencies.includes(name)) {
    return `${found.specifier} is not in ${workspace.folder}/package.json`;
  }
  const allowed = found.isType ? arrow.types : arrow.values;
  if (allowed === undefined || allowed.includes(entry)) return undefined;
  if (!found.isType && allowed.length === 0)
    return `${workspace.name} may import types only from ${found.specifier}`;
  const entries = allowed.map((each) => `${scope}${name}${each.slice(1)}`).join(", ");
  return `${workspace.name} may import ${found.isType ? "" : "values "}only from ${entries}, not ${found.specifier}`;
}

/** The path, from the root of the repository, that a relative import names. */
export function resolveRelative(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier.replace(/\?.*$/, ""));
}

function featureOf(path: string): string | undefined {
  return /^apps\/web\/src\/features\/([^/]+)\//.exec(`${path}/`)?.[1];
}
