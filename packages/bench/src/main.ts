import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const packageRoot = dirname(import.meta.dirname);

/**
 * `pnpm bench [suite] [--case TEXT] [--seconds N] [--json] [--profile FOLDER]`. Installs the peers into this folder
 * when the lockfile is not what is installed; they are no part of the workspace.
 */
if (read("pnpm-lock.yaml") !== read("node_modules/.pnpm/lock.yaml")) {
  console.error("Installing the libraries to compare with …");
  const install = spawnSync("npx", ["-y", "pnpm@12.21.0", "install", "--frozen-lockfile"], {
    cwd: packageRoot,
    stdio: ["ignore", process.stderr, "inherit"],
  });
  if (install.status !== 0) {
    process.exit(install.status ?? 1);
  }
}

const { runBenchmarks } = await import("./run-benchmarks.ts");
await runBenchmarks(process.argv.slice(2));

function read(path: string): string | undefined {
  try {
    return readFileSync(join(packageRoot, path), "utf8");
  } catch {
    return undefined;
  }
}
