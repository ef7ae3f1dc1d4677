import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The absolute path of the first of `names` that is an executable file in a folder of PATH, or undefined. */
export function findExecutable(
  names: readonly string[],
  path = process.env["PATH"] ?? "",
): string | undefined {
  for (const name of names) {
    for (const folder of path.split(delimiter)) {
      if (folder !== "" && isExecutable(join(folder, name))) return join(folder, name);
    }
  }
  return undefined;
}

/** Whether the path is a file (or a link to one) that this user may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
