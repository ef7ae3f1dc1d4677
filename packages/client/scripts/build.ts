/**
 * Builds the package others install into `dist` (or the folder named as argument): ESM with
 * declarations, and the type of the API copied in, so that nothing of the workspace is needed.
 *
 * The API's declarations are emitted whole and only what `AppRouter` reaches is kept. Of packages it may
 * reach `@trpc/server` alone; anything else would be a dependency of every caller, and fails the build.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { createRequire } from "node:module";

const root = resolve(import.meta.dirname, "..");
const dist = resolve(root, process.argv[2] ?? "dist");
const emitted = join(dist, ".router");
const kept = join(dist, "api");
const ALLOWED = /^@trpc\/server(\/|$)/;
const SPECIFIER = /(from\s+|import\(|import\s+)(["'])([^"']+)\2/g;

function compile(project: string, outDir: string): void {
  const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  const tsc = join(typescript, "bin/tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", project, "--outDir", outDir], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`tsc -p ${project} failed`);
}

/** Copies a declaration and, one after the other, all it imports. */
function keepRouter(): void {
  const waiting = [join(emitted, "app-router.d.ts")];
  const done = new Set<string>();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (done.has(file)) continue;
    done.add(file);
    const text = readFileSync(file, "utf8");
    for (const [, , , specifier = ""] of text.matchAll(SPECIFIER)) {
      if (specifier.startsWith(".")) {
        waiting.push(resolve(dirname(file), specifier.replace(/\.ts$/, ".d.ts")));
      } else if (!ALLOWED.test(specifier)) {
        throw new Error(`AppRouter's type reaches ${specifier}, in ${relative(emitted, file)}`);
      }
    }
    const target = join(kept, relative(emitted, file));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  console.log(`AppRouter: ${done.size} declarations`);
}

/** Points what the package imports from the workspace at the copy, and `.ts` at what was emitted. */
function rewriteDeclarations(): void {
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".d.ts")) continue;
    const file = join(dist, name);
    const router = `./${relative(dirname(file), join(kept, "app-router.js"))}`.replace(/^\.\/\.\.\//, "../");
    const text = readFileSync(file, "utf8").replace(
      SPECIFIER,
      (_, before: string, quote: string, specifier: string) => {
        const target = specifier === "@cardinal/api" ? router : specifier.replace(/^(\..*)\.ts$/, "$1.js");
        return `${before}${quote}${target}${quote}`;
      },
    );
    writeFileSync(file, text);
  }
}

rmSync(dist, { recursive: true, force: true });
compile("tsconfig.build.json", dist);
compile("tsconfig.router.json", emitted);
keepRouter();
rmSync(emitted, { recursive: true });
rewriteDeclarations();
