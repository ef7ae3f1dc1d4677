/**
 * Builds the package others install into `dist` (or the folder named as argument): ESM with declarations. In the
 * workspace everybody uses the sources; `publishConfig.exports` leads to `dist` once it is packed.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const dist = resolve(root, process.argv[2] ?? "dist");

rmSync(dist, { recursive: true, force: true });
const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
const options = ["-p", "tsconfig.build.json", "--outDir", dist];
const { status } = spawnSync(process.execPath, [join(typescript, "bin/tsc"), ...options], {
  cwd: root,
  stdio: "inherit",
});
if (status !== 0) {
  throw new Error("tsc failed");
}
// The compiler rewrites `.ts` in what runs, and leaves it in the declarations.
for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
  if (name.endsWith(".d.ts")) {
    const file = join(dist, name);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(/((?:from|import)\s*\(?\s*["']\.[^"']*)\.ts(["'])/g, "$1.js$2"));
  }
}
