import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { cacheFolder } from "../workspace/cache-folder.ts";
import { runCommand, runOrThrow } from "../workspace/run-command.ts";
import { PrivateApt, distributionName } from "./apt.ts";

export interface UnpackedProgram {
  /** The program's absolute path. */
  path: string;
  /** The folders of its libraries, for LD_LIBRARY_PATH. */
  libraryPath: string;
  /** The folder that stands for `/`. */
  root: string;
}

export interface UnpackOptions {
  /** Names the folder in the cache. */
  name: string;
  /**
   * Packages that bring the program, the preferred one first; the first that the distribution offers is
   * taken.
   */
  packages: readonly string[];
  /** Further packages it should have beside it, where the distribution offers them (fonts for a browser). */
  extras?: readonly string[];
  /** Where the program may be inside the packages, e.g. `usr/bin/redis-server`. */
  programs: readonly string[];
  onProgress?: (message: string) => void;
}

/**
 * A program of the distribution, unpacked with everything it needs beyond what is installed into the cache
 * folder: no root, nothing of the system changed. The packages are the ones apt itself would install on this
 * release and processor. Later calls find it there. Two processes at once are safe: each unpacks into a
 * folder of its own and the first to finish renames it into place. Throws with apt's own words when it does
 * not work out.
 */
export async function unpackProgram(options: UnpackOptions): Promise<UnpackedProgram> {
  const parent = join(cacheFolder(), "packages");
  mkdirSync(parent, { recursive: true });
  const target = join(parent, `${options.name}-${await distributionName()}`);
  const kept = findProgram(target, options.programs);
  if (kept !== undefined && (await runs(kept))) return kept;

  removeAbandoned(parent);
  const folder = mkdtempSync(join(parent, ".unpacking-"));
  try {
    await unpackInto(folder, options);
    const program = findProgram(folder, options.programs);
    if (program === undefined) throw new Error(`none of ${options.programs.join(", ")} is in the packages`);
    if (!(await runs(program))) throw new Error(await missingLibraries(program));
    for (const name of ["apt", "debs"]) rmSync(join(folder, name), { recursive: true, force: true });
    if (kept !== undefined) rmSync(target, { recursive: true, force: true });
    try {
      renameSync(folder, target);
    } catch (error) {
      if (findProgram(target, options.programs) === undefined) throw error;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const unpacked = findProgram(target, options.programs);
  if (unpacked === undefined) throw new Error(`${target} is incomplete: delete it and try again`);
  return unpacked;
}

async function unpackInto(folder: string, options: UnpackOptions): Promise<void> {
  const apt = new PrivateApt(join(folder, "apt"));
  const debs = join(folder, "debs");
  mkdirSync(debs);
  try {
    await downloadFirst(apt, options, debs);
  } catch {
    // The machine's package lists are absent, or older than what the mirror still has.
    options.onProgress?.("fetching the distribution's package lists");
    await apt.update();
    await downloadFirst(apt, options, debs);
  }
  for (const file of readdirSync(debs).filter((name) => name.endsWith(".deb"))) {
    await runOrThrow("dpkg", ["-x", join(debs, file), join(folder, "root")]);
  }
}

async function downloadFirst(apt: PrivateApt, options: UnpackOptions, debs: string): Promise<void> {
  for (const name of options.packages) {
    const packages = await apt.resolve(name);
    if (packages === undefined) continue;
    for (const extra of options.extras ?? []) packages.push(...((await apt.resolve(extra)) ?? []));
    const unique = [...new Map(packages.map((found) => [found.name, found])).values()];
    options.onProgress?.(`downloading ${name} (packages: ${unique.length})`);
    await apt.download(unique, debs);
    return;
  }
  throw new Error(`the distribution offers no package ${options.packages.join(" or ")}`);
}

function findProgram(folder: string, programs: readonly string[]): UnpackedProgram | undefined {
  const root = join(folder, "root");
  for (const program of programs) {
    const path = join(root, program);
    if (existsSync(path)) return { path, libraryPath: libraryFolders(root).join(":"), root };
  }
  return undefined;
}

function libraryFolders(root: string): string[] {
  const folders: string[] = [];
  const visit = (folder: string, depth: number): void => {
    const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
    if (entries.some((entry) => /\.so(\.|$)/.test(entry.name))) folders.push(folder);
    if (depth === 0) return;
    for (const entry of entries) if (entry.isDirectory()) visit(join(folder, entry.name), depth - 1);
  };
  for (const top of ["lib", "usr/lib"]) visit(join(root, top), 2);
  return folders;
}

async function runs(program: UnpackedProgram): Promise<boolean> {
  const env = { ...process.env, LD_LIBRARY_PATH: program.libraryPath };
  return (await runCommand(program.path, ["--version"], { env }).catch(() => undefined))?.code === 0;
}

async function missingLibraries(program: UnpackedProgram): Promise<string> {
  const env = { ...process.env, LD_LIBRARY_PATH: program.libraryPath };
  const { output } = await runCommand("ldd", [program.path], { env }).catch(() => ({ output: "" }));
  const missing = [...output.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]);
  const reason = missing.length > 0 ? `libraries are missing: ${missing.join(", ")}` : "it does not start";
  return `${relative(cacheFolder(), program.path)} was unpacked, but ${reason}`;
}

/** Folders that a killed process left half unpacked. */
function removeAbandoned(parent: string): void {
  const yesterday = Date.now() - 24 * 60 * 60 * 1000;
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(".unpacking-"))) {
    const folder = join(parent, name);
    if ((statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < yesterday) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
