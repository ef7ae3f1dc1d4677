import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));

export interface DatabaseEnv {
  databasePath: string;
  isProduction: boolean;
}

/**
 * What the commands of this package take from the environment. A relative path is relative to the repository.
 */
export function readDatabaseEnv(env: NodeJS.ProcessEnv = process.env): DatabaseEnv {
  const path = env["DATABASE_PATH"]?.trim() || ".data/cardinal.db";
  return {
    databasePath: isAbsolute(path) ? path : resolve(REPOSITORY, path),
    isProduction: env["NODE_ENV"] === "production",
  };
}
