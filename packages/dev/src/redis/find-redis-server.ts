import { hasApt } from "../debian/apt.ts";
import { unpackProgram } from "../debian/unpack-package.ts";
import { findExecutable, isExecutable } from "../workspace/executable.ts";
import { runCommand } from "../workspace/run-command.ts";

export interface RedisServerProgram {
  path: string;
  /** The environment to run it with. */
  env: NodeJS.ProcessEnv;
  /** Where it comes from. */
  source: "REDIS_SERVER_PATH" | "PATH" | "unpacked";
  /** `7.0.15` */
  version: string;
}

const installHint = [
  "  Debian, Ubuntu, WSL:  sudo apt-get install redis-server",
  "  Fedora:               sudo dnf install valkey",
  "  macOS:                brew install redis",
  "  Windows:              use WSL, then as on Ubuntu",
  "  a Redis elsewhere:    set REDIS_URL=redis://host:6379 (for `dev` and `start`)",
  "  a binary elsewhere:   set REDIS_SERVER_PATH=/path/to/redis-server",
].join("\n");

let found: Promise<RedisServerProgram> | undefined;

/**
 * The redis-server to run: `REDIS_SERVER_PATH`, else `redis-server` or `valkey-server` on the PATH, else the
 * distribution's package unpacked into the cache folder without root. Looked up once per process. Rejects
 * with one message that names the fixes for this and the other systems.
 */
export function findRedisServer(onProgress?: (message: string) => void): Promise<RedisServerProgram> {
  found ??= find(onProgress);
  found.catch(() => {
    found = undefined;
  });
  return found;
}

async function find(onProgress?: (message: string) => void): Promise<RedisServerProgram> {
  const prescribed = process.env["REDIS_SERVER_PATH"];
  if (prescribed !== undefined && prescribed !== "") {
    if (!isExecutable(prescribed))
      throw new Error(`REDIS_SERVER_PATH=${prescribed} is not an executable file.`);
    return describe(prescribed, process.env, "REDIS_SERVER_PATH");
  }
  const installed = findExecutable(["redis-server", "valkey-server"]);
  if (installed !== undefined) return describe(installed, process.env, "PATH");
  if (!hasApt())
    throw new Error(`No redis-server or valkey-server on the PATH. Install one:\n${installHint}`);

  try {
    const unpacked = await unpackProgram({
      name: "redis",
      packages: ["redis-server", "valkey-server"],
      programs: ["usr/bin/redis-server", "usr/bin/valkey-server"],
      onProgress: (message) => onProgress?.(`Redis is not installed: ${message}`),
    });
    const env = { ...process.env, LD_LIBRARY_PATH: unpacked.libraryPath };
    return await describe(unpacked.path, env, "unpacked");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      "No redis-server or valkey-server on the PATH, and the distribution's package could not be unpacked:\n" +
        `${reason}\nInstall one:\n${installHint}`,
      { cause: error },
    );
  }
}

async function describe(
  path: string,
  env: NodeJS.ProcessEnv,
  source: RedisServerProgram["source"],
): Promise<RedisServerProgram> {
  const result = await runCommand(path, ["--version"], { env }).catch(() => undefined);
  const version = /v=(\d+\.\d+\.\d+)/.exec(result?.output ?? "")?.[1];
  if (version === undefined)
    throw new Error(`${path} (${source}) is no Redis server: --version says nothing of it.`);
  return { path, env, source, version };
}
