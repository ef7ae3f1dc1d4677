import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { repositoryRoot } from "./repository-root.ts";

/**
 * Where programs fetched for development are kept between runs: `$XDG_CACHE_HOME/cardinal`, else
 * `~/.cache/cardinal`, else, where the home folder cannot be written, inside this checkout's node_modules.
 * Exists and is writable when this returns; throws, naming every folder that was tried, otherwise.
 */
export function cacheFolder(): string {
  const prescribed = process.env["XDG_CACHE_HOME"] ?? "";
  const candidates = [
    join(isAbsolute(prescribed) ? prescribed : join(homedir(), ".cache"), "cardinal"),
    join(repositoryRoot, "node_modules/.cache/cardinal"),
  ];
  for (const folder of candidates) {
    try {
      // Not `recursive`: below a home folder that does not exist there is nothing to create.
      for (const path of [dirname(folder), folder]) if (!existsSync(path)) makeFolder(path);
      accessSync(folder, constants.W_OK | constants.X_OK);
      return folder;
    } catch {
      // The next one may do.
    }
  }
  throw new Error(
    `No folder to keep downloaded programs in: ${candidates.join(" and ")} cannot be written. ` +
      "Set XDG_CACHE_HOME to a folder that can.",
  );
}

/** Another process may be quicker. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}
