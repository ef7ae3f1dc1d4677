import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Generate, GeneratedFile } from "./generators.ts";

/** Runs the generators in order. Throws naming the one that is missing, exports no `generate`, or fails. */
export async function runGenerators(root: string, modules: readonly string[]): Promise<GeneratedFile[]> {
  const files: GeneratedFile[] = [];
  for (const path of modules) {
    try {
      const module: { generate?: Generate } = await import(pathToFileURL(join(root, path)).href);
      if (module.generate === undefined) throw new Error("it exports no function generate()");
      files.push(...(await module.generate()));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`The generator ${path} does not work: ${reason}`, { cause: error });
    }
  }
  return files;
}

/** The files whose content on disk differs from what was generated, missing ones among them. */
export function findStale(root: string, files: readonly GeneratedFile[]): GeneratedFile[] {
  return files.filter(({ path, content }) => readOrUndefined(join(root, path)) !== content);
}

export function writeFiles(root: string, files: readonly GeneratedFile[]): void {
  for (const { path, content } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
