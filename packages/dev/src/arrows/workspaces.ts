import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { type FoundImport, findImports } from "./find-imports.ts";

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  path: string;
  text: string;
  imports: FoundImport[];
  /** Whether the tests' arrows hold for it. */
  isTest: boolean;
}

export interface Workspace {
  /** `redis-core`: the folder's name, and the package's without its scope. */
  name: string;
  folder: string;
  dependencies: string[];
  devDependencies: string[];
  files: SourceFile[];
}

/** What a problem is about: shown as `path:line  message`. */
export interface Violation {
  path: string;
  line: number;
  message: string;
}

export const scope = "@cardinal/";
const skipped = new Set(["node_modules", "dist", ".turbo", "coverage", "test-results"]);

/** Every workspace under packages/ and apps/ with all its TypeScript sources read. */
export function readWorkspaces(root: string): Workspace[] {
  return ["packages", "apps"].flatMap((parent) => {
    const folder = join(root, parent);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => existsSync(join(folder, name, "package.json")))
      .toSorted()
      .map((name) => readWorkspace(root, join(folder, name), name));
  });
}

function readWorkspace(root: string, folder: string, name: string): Workspace {
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const ours = (field: string): string[] =>
    Object.keys(manifest[field] ?? {})
      .filter((dependency) => dependency.startsWith(scope))
      .map((dependency) => dependency.slice(scope.length));
  const path = (file: string) => relative(root, file).replaceAll("\\", "/");
  return {
    name,
    folder: path(folder),
    dependencies: [...ours("dependencies"), ...ours("peerDependencies")],
    devDependencies: ours("devDependencies"),
    files: listSources(folder).map((file) => {
      const text = readFileSync(file, "utf8");
      return { path: path(file), text, imports: findImports(text), isTest: isTestFile(path(file)) };
    }),
  };
}

function listSources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : listSources(path);
    return /\.(ts|tsx|mts|js|mjs)$/.test(entry.name) && !entry.name.endsWith(".d.ts") ? [path] : [];
  });
}

function isTestFile(path: string): boolean {
  return /\/(tests|e2e)\/|\.(test|e2e)\.tsx?$/.test(path);
}
