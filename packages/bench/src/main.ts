import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

const packageRoot = dirname(import.meta.dirname);

/**
 * `pnpm bench [suite] [--case TEXT] [--seconds N] [--json]`. Installs the peers into this folder at the
 * first run; they are no part of the workspace.
 */
if (!existsSync(join(packageRoot, "node_modules"))) {
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
